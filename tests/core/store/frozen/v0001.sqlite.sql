-- The store as the first version of its tables (0001) makes it in sqlite, with made-up rows in every table.
-- It is frozen: every later version must open it. Never change it; a new version adds a file of its own.
CREATE TABLE sellercare_version (
    version_num VARCHAR(32) NOT NULL,
    PRIMARY KEY (version_num)
);
INSERT INTO sellercare_version (version_num) VALUES
    ('0001');
CREATE TABLE approvals (
    account VARCHAR(200) NOT NULL,
    verb VARCHAR(60) NOT NULL,
    "key" VARCHAR(300) NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    currency VARCHAR(3),
    amount BIGINT,
    who VARCHAR(200) NOT NULL,
    approved_at FLOAT NOT NULL,
    PRIMARY KEY (account, verb, "key")
);
INSERT INTO approvals (account, verb, "key", fingerprint, currency, amount, who, approved_at) VALUES
    ('shop', 'refunds.issue', 'large', '027f39ed139cc7bbc68c1da80e833f94522d3cf1f5774c5e72401ae9104b8abc', 'EUR', 600000, 'anna', 1772449200.0);
INSERT INTO approvals (account, verb, "key", fingerprint, currency, amount, who, approved_at) VALUES
    ('shop', 'refunds.issue', 'k-approved', '012a4612584efe95da0e46f8763a194088c28d1ca8304dd6634f9899b776eed6', 'EUR', 700000, 'anna', 1772449202.199997);
CREATE TABLE budgets (
    scope VARCHAR(300) NOT NULL,
    next_at FLOAT NOT NULL,
    rate FLOAT DEFAULT '0' NOT NULL,
    full_at FLOAT DEFAULT '0' NOT NULL,
    taken FLOAT DEFAULT '0' NOT NULL,
    PRIMARY KEY (scope)
);
INSERT INTO budgets (scope, next_at, rate, full_at, taken) VALUES
    ('acme:account:shop:default:10/10', 1772449202.2999969, 0.0, 0.0, 39.0);
INSERT INTO budgets (scope, next_at, rate, full_at, taken) VALUES
    ('acme:account:shop:messages:5/5', 1772449201.4999971, 0.0, 0.0, 5.0);
INSERT INTO budgets (scope, next_at, rate, full_at, taken) VALUES
    ('acme:account:blind:default:10/10', 1772449200.699998, 0.0, 0.0, 7.0);
INSERT INTO budgets (scope, next_at, rate, full_at, taken) VALUES
    ('acme:account:blind:messages:5/5', 1772449200.8999982, 0.0, 0.0, 4.0);
CREATE TABLE intents (
    id VARCHAR(36) NOT NULL,
    account VARCHAR(200) NOT NULL,
    verb VARCHAR(60) NOT NULL,
    "key" VARCHAR(300) NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    target VARCHAR(300) NOT NULL,
    content TEXT NOT NULL,
    state VARCHAR(12) NOT NULL,
    "before" TEXT,
    native_id VARCHAR(300),
    error TEXT,
    settlement VARCHAR(12) DEFAULT '' NOT NULL,
    who VARCHAR(200) DEFAULT '' NOT NULL,
    why VARCHAR(300) DEFAULT '' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    owner VARCHAR(80),
    owned_until FLOAT,
    created_at FLOAT NOT NULL,
    sent_at FLOAT,
    decided_at FLOAT,
    purged_at FLOAT,
    PRIMARY KEY (id),
    CONSTRAINT one_intent_a_key UNIQUE (account, verb, "key")
);
CREATE INDEX intents_by_decision ON intents (account, decided_at);
CREATE INDEX intents_by_state ON intents (state, account);
CREATE INDEX intents_by_target ON intents (account, target);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('d7887852-1fa3-4588-829b-87e92a718877', 'shop', 'messages.reply', 'said', 'fa4127e677a41c88b509beaf0a0d9e41abcc66972c0589357627ea6c62e50801', 'thread:thread-1', '{"thread_id":"thread-1","text":"It''s on its way – tomorrow.","attachments":[],"to":"buyer","answers":null}', 'confirmed', '[]', 'msg_std0hk1dbs', NULL, '', 'made-up', '', 1, NULL, NULL, 1772442000.0, 1772442000.0, 1772442000.0, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('4261d980-e930-41cb-ab97-53b191221e8b', 'shop', 'messages.reply', 'refused', '08948bd4da221e615ee28bce2bec26399c8bcedfa2d68adf98340c492700aba9', 'thread:thread-2', '{"thread_id":"thread-2","text":"Too late.","attachments":[],"to":"buyer","answers":null}', 'refused', '[]', NULL, '{"error":"conflict","message":"POST /v1/threads/{id}/messages: Acme says that its state forbids it (status 422, state): The conversation is closed.","changed":"no","next_step":"","status":422,"native_code":"state","request_id":"req_cry5t3662g","field":""}', '', 'made-up', '', 1, NULL, NULL, 1772442000.0, 1772442000.0, 1772442000.0, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('9e17dc4d-d7fc-4300-b97b-68d2cde4a6f3', 'shop', 'refunds.issue', 'paid', '862ba6552f1e7689a3511728dff6151f0899e8aec13e7ae03d8e5a72c03ffe99', 'order:order-paid', '{"order_id":"order-paid","return_id":null,"option_id":null,"amount":{"amount":"12.50","currency":"EUR"},"lines":[],"reason":"goodwill","note":null,"option":{"id":"order-paid.pay_32bjq85q8w","title":"to the payment (online)","through":"payment","order_id":"order-paid","return_id":null,"granularity":["amount","lines"],"least":null,"most":{"amount":"80.00","currency":"EUR"},"lines":[{"kind":"item","order_line_id":"line-order-paid","quantity":"1","amount":{"amount":"80.00","currency":"EUR"}}],"reasons":[{"code":"damaged","title":"damaged"},{"code":"not_as_described","title":"not as described"},{"code":"goodwill","title":"goodwill"}],"reason_required":false,"note_max_length":250,"consequences":"","native":{}}}', 'confirmed', '[]', 'rfd_ha7wyhdtrz', NULL, 'done', 'made-up', '', 1, NULL, NULL, 1772442000.0, 1772442000.0, 1772442000.0, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('3384b206-5d36-4171-a3fd-078a6e185b3f', 'shop', 'refunds.issue', 'pending', '434fcf67d0368c88f80a4af7f09e3baa879e55b7a551fce1b027abb65330df44', 'order:order-pending', '{"order_id":"order-pending","return_id":null,"option_id":null,"amount":{"amount":"7.25","currency":"EUR"},"lines":[],"reason":null,"note":null,"option":{"id":"order-pending.pay_np5y4t1z0r","title":"to the payment (online)","through":"payment","order_id":"order-pending","return_id":null,"granularity":["amount","lines"],"least":null,"most":{"amount":"80.00","currency":"EUR"},"lines":[{"kind":"item","order_line_id":"line-order-pending","quantity":"1","amount":{"amount":"80.00","currency":"EUR"}}],"reasons":[{"code":"damaged","title":"damaged"},{"code":"not_as_described","title":"not as described"},{"code":"goodwill","title":"goodwill"}],"reason_required":false,"note_max_length":250,"consequences":"","native":{}}}', 'confirmed', '[]', 'rfd_5tr8wxc0rn', NULL, 'pending', 'made-up', '', 1, NULL, NULL, 1772449200.0, 1772449200.0, 1772449200.0, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('ffda7408-d42a-4734-8c07-2816eff9acb2', 'shop', 'refunds.issue', 'large', '027f39ed139cc7bbc68c1da80e833f94522d3cf1f5774c5e72401ae9104b8abc', 'order:order-large', '{"order_id":"order-large","return_id":null,"option_id":null,"amount":{"amount":"60","currency":"EUR"},"lines":[],"reason":null,"note":null,"option":{"id":"order-large.pay_zzg0qk9can","title":"to the payment (online)","through":"payment","order_id":"order-large","return_id":null,"granularity":["amount","lines"],"least":null,"most":{"amount":"200.00","currency":"EUR"},"lines":[{"kind":"item","order_line_id":"line-order-large","quantity":"1","amount":{"amount":"200.00","currency":"EUR"}}],"reasons":[{"code":"damaged","title":"damaged"},{"code":"not_as_described","title":"not as described"},{"code":"goodwill","title":"goodwill"}],"reason_required":false,"note_max_length":250,"consequences":"","native":{}}}', 'confirmed', '[]', 'rfd_9wz5ewjagk', NULL, 'pending', 'made-up', '', 1, NULL, NULL, 1772449200.0, 1772449200.0, 1772449200.0, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('e05dd2ce-9309-42fb-98b3-7dde7e365d51', 'shop', 'returns.approve', 'decided', '7d7d016d710ea119f2fbfaee2982ec42a84d64e721ad9489eb74d8b8f7e34388', 'return:return-1', '{"return_id":"return-1","variant":null,"lines":[],"reason":null,"note":null,"amount":null,"attachments":[]}', 'confirmed', '{"state":"requested","lines":[{"id":"rtl_e0jmpfz6z7","quantity":1,"received":0,"reason":"damaged","note":null,"order_line_id":"line-order-return","title":"Kettle","price":{"amount":"80.00","currency":"EUR"}}],"review_requested":false}', 'return-1', NULL, '', 'made-up', '', 1, NULL, NULL, 1772449200.0, 1772449200.0, 1772449200.0, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('e468c746-3f8f-48ce-8441-f4d958158a95', 'shop', 'reviews.reply', 'answered', 'a95e6f0fb9a0ddb6dd2228f03b141a64309336b8e63f0f74d37600ea2512dfa8', 'review:review-1', '{"review_id":"review-1","text":"We are sorry.","replace":false}', 'confirmed', '{"reply":null,"review_requested":false,"removal_asked":false}', 'review-1', NULL, '', 'made-up', '', 1, NULL, NULL, 1772449200.0, 1772449200.099999, 1772449200.199999, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('b59c803c-1bee-49f3-985b-7cdb192edf1e', 'blind', 'messages.reply', 'lost', 'bdb24e13cc76f289a2a63dd74e579852dd3ca599c11646ee77826a77b3d505a7', 'thread:thread-lost', '{"thread_id":"thread-lost","text":"Hello lost","attachments":[],"to":"buyer","answers":null}', 'unknown', NULL, NULL, '{"error":"outcome-unknown","message":"The answer to messages.reply (send) was lost, and this platform gives no way to find out.","changed":"unknown","next_step":"Look at it by hand: the seller pages of Acme.","status":null,"native_code":"","request_id":"","field":"","intent_id":"b59c803c-1bee-49f3-985b-7cdb192edf1e","look_at":"the seller pages of Acme"}', '', 'made-up', '', 1, NULL, NULL, 1772449200.199999, 1772449200.199999, 1772449200.199999, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('ac97d61c-93de-46d2-8b71-11c038cf6f98', 'blind', 'messages.reply', 'landed', '1cad2574b90b4daf2209537dba19f2624960de6730145b6340b5f96824bdf9c2', 'thread:thread-landed', '{"thread_id":"thread-landed","text":"Hello landed","attachments":[],"to":"buyer","answers":null}', 'confirmed', NULL, 'msg-seen', NULL, '', 'made-up', '', 1, NULL, NULL, 1772449200.199999, 1772449200.199999, 1772449200.199999, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('9d4b0a1b-3c96-4d30-af8c-47088216318f', 'blind', 'messages.reply', 'absent', '20f4423a8e64faef9835d229062d5aa5c36f4ada8ce3997656c0aa0c958d9791', 'thread:thread-absent', '{"thread_id":"thread-absent","text":"Hello absent","attachments":[],"to":"buyer","answers":null}', 'ready', NULL, NULL, '{"error":"outcome-unknown","message":"The answer to messages.reply (send) was lost, and this platform gives no way to find out.","changed":"unknown","next_step":"Look at it by hand: the seller pages of Acme.","status":null,"native_code":"","request_id":"","field":"","intent_id":"9d4b0a1b-3c96-4d30-af8c-47088216318f","look_at":"the seller pages of Acme"}', '', 'made-up', '', 1, NULL, NULL, 1772449200.199999, 1772449200.199999, 1772449200.199999, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('efd2f844-aff4-4c72-aedc-a61b79cfdafd', 'blind', 'messages.reply', 'cut-off', '39796e5ae8f490f5e803ee13762482e55ba57391b5a3bcc8d066a8d011a6dfd2', 'thread:thread-cut', '{"thread_id":"thread-cut","text":"Hello cut","attachments":[],"to":"buyer","answers":null}', 'sending', NULL, NULL, NULL, '', 'made-up', '', 1, 'gone:1', 1772449260.199999, 1772449200.199999, 1772449200.199999, NULL, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('9002542a-0c1b-47c0-b395-ffec32d5af5e', 'blind', 'messages.reply', 'reply-5d2c2113ef0043d52aa752052072a4693c41557d092e43ebdcf0e2ebae87cf41', '73c3cae1f7b0eb1652e913daa411e72b840ac2af9c82970f4d7ec12c8a1e9459', 'thread:thread-j3', '{"thread_id":"thread-j3","text":"Hello","attachments":[],"to":"buyer","answers":null}', 'unknown', NULL, NULL, '{"error":"outcome-unknown","message":"The answer to messages.reply (send) was lost, and this platform gives no way to find out.","changed":"unknown","next_step":"Look at it by hand: the seller pages of Acme.","status":null,"native_code":"","request_id":"","field":"","intent_id":"9002542a-0c1b-47c0-b395-ffec32d5af5e","look_at":"the seller pages of Acme"}', '', 'made-up', 'bulk job 20260302-00000002', 1, NULL, NULL, 1772449201.499998, 1772449201.499998, 1772449201.499998, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('c28f5287-18b3-4f4d-8821-272c8a4079d6', 'shop', 'messages.reply', 'reply-adf77d1225b6c15526cbdd9b68d5dd414859c0b714666a5ea65163a2f31dcb9d', 'ed08f3eb200d39c0e4355971b58fc7577c3f068c42223c52d9cc8d95542d39bd', 'thread:thread-j1', '{"thread_id":"thread-j1","text":"Hello","attachments":[],"to":"buyer","answers":null}', 'confirmed', '[]', 'msg_aramdrvjh3', NULL, '', 'made-up', 'bulk job 20260302-00000002', 1, NULL, NULL, 1772449201.599997, 1772449201.699997, 1772449201.699997, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('8a07b96a-8d54-4ef0-b2e0-eb5a57a02a07', 'shop', 'messages.reply', 'reply-ab91cdc227961cb0d964decfc249ae310d6fa0bf0eb8eb5a85f2de2bcd058c41', 'c13688b350bfcd0d7f3d1f9d10966b55bc46f61485908099b6c96c48e8913a12', 'thread:thread-j2', '{"thread_id":"thread-j2","text":"=Hello","attachments":[],"to":"buyer","answers":null}', 'confirmed', '[]', 'msg_n5yes3d8rh', NULL, '', 'made-up', 'bulk job 20260302-00000002', 1, NULL, NULL, 1772449201.799997, 1772449201.899997, 1772449201.899997, NULL);
INSERT INTO intents (id, account, verb, "key", fingerprint, target, content, state, "before", native_id, error, settlement, who, why, attempts, owner, owned_until, created_at, sent_at, decided_at, purged_at) VALUES
    ('025e0621-8537-497b-bad2-087905f5ef27', 'shop', 'messages.reply', 'reply-feb7df75350bb04fa56bac460c2833ea1c116e7a92ff216302c3a2e2422eeb44', 'fa4127e677a41c88b509beaf0a0d9e41abcc66972c0589357627ea6c62e50801', 'thread:thread-1', '{"thread_id":"thread-1","text":"It''s on its way – tomorrow.","attachments":[],"to":"buyer","answers":null}', 'confirmed', '["msg_std0hk1dbs"]', 'msg_k1ctc5wd2t', NULL, '', 'made-up', 'bulk job 20260302-00000002', 1, NULL, NULL, 1772449201.999997, 1772449202.099997, 1772449202.099997, NULL);
CREATE TABLE jobs (
    id VARCHAR(36) NOT NULL,
    verb VARCHAR(60) NOT NULL,
    source VARCHAR(500) NOT NULL,
    state VARCHAR(12) NOT NULL,
    offline BOOLEAN NOT NULL,
    options TEXT NOT NULL,
    created_at FLOAT NOT NULL,
    changed_at FLOAT NOT NULL,
    PRIMARY KEY (id)
);
INSERT INTO jobs (id, verb, source, state, offline, options, created_at, changed_at) VALUES
    ('20260302-00000001', 'refunds.issue', 'rows.csv', 'planned', 0, '{"asked":{"run":"planned","even_if_answered":false,"skip_bad":true,"workers":1,"limits":{"run":{"EUR":"100"}}},"consequences":{},"pace":[{"account":"shop","seconds":0.0,"says":"Acme takes 10 a second from the account","rows":2}],"look":{"costs":"","changes":""}}', 1772449200.199999, 1772449200.599998);
INSERT INTO jobs (id, verb, source, state, offline, options, created_at, changed_at) VALUES
    ('20260302-00000002', 'messages.reply', 'rows.csv', 'applied', 0, '{"asked":{"run":"","even_if_answered":true,"skip_bad":false,"workers":1,"limits":{}},"consequences":{},"pace":[{"account":"shop","seconds":0.0,"says":"Acme takes 10 a second from the account","rows":3},{"account":"blind","seconds":0.0,"says":"Acme takes 10 a second from the account","rows":1}],"look":{"costs":"a call for each row, which reads the thread","changes":""}}', 1772449200.599998, 1772449202.099997);
INSERT INTO jobs (id, verb, source, state, offline, options, created_at, changed_at) VALUES
    ('20260302-00000003', 'returns.decide', 'rows.csv', 'planned', 1, '{"asked":{"run":"","even_if_answered":false,"skip_bad":false,"workers":1,"limits":{}},"consequences":{},"pace":[{"account":"shop","seconds":0.0,"says":"Acme takes 10 a second from the account","rows":1}],"look":{"costs":"","changes":""}}', 1772449202.099997, 1772449202.099997);
INSERT INTO jobs (id, verb, source, state, offline, options, created_at, changed_at) VALUES
    ('20260302-00000004', 'refunds.issue', 'rows.csv', 'planned', 0, '{"asked":{"run":"","even_if_answered":false,"skip_bad":false,"workers":1,"limits":{}},"consequences":{},"pace":[],"look":{"costs":"","changes":""}}', 1772449202.099997, 1772449202.199997);
CREATE TABLE looks (
    account VARCHAR(200) NOT NULL,
    thing VARCHAR(300) NOT NULL,
    begun_at FLOAT NOT NULL,
    kept_at FLOAT,
    kind VARCHAR(200) DEFAULT '' NOT NULL,
    body BLOB,
    PRIMARY KEY (account, thing)
);
CREATE INDEX looks_by_moment ON looks (account, begun_at);
INSERT INTO looks (account, thing, begun_at, kept_at, kind, body) VALUES
    ('shop', 'thing-1', 1772449202.199997, 1772449202.199997, 'application/xml', X'3cc3a43e6b6570743c2fc3a43e');
INSERT INTO looks (account, thing, begun_at, kept_at, kind, body) VALUES
    ('shop', 'thing-2', 1772449202.199997, NULL, '', NULL);
CREATE TABLE tokens (
    credential VARCHAR(200) NOT NULL,
    sealed BLOB NOT NULL,
    version INTEGER NOT NULL,
    owner VARCHAR(80),
    owned_until FLOAT,
    stored_at FLOAT NOT NULL,
    PRIMARY KEY (credential)
);
INSERT INTO tokens (credential, sealed, version, owner, owned_until, stored_at) VALUES
    ('seller', X'7b22616363657373223a20226d6164652d75702d616363657373222c202272656672657368223a20226d6164652d75702d72656672657368222c2022657870697265735f6174223a2022323032362d30332d30325431323a30303a30302b30303a3030222c202273636f706573223a205b2272656164222c20227772697465225d7d', 1, NULL, NULL, 1772449202.199997);
CREATE TABLE rows (
    job_id VARCHAR(36) NOT NULL,
    n INTEGER NOT NULL,
    line INTEGER NOT NULL,
    account VARCHAR(200) NOT NULL,
    target VARCHAR(300) NOT NULL,
    "key" VARCHAR(300),
    state VARCHAR(12) NOT NULL,
    content TEXT NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    currency VARCHAR(3),
    amount VARCHAR(40),
    intent_id VARCHAR(36),
    shift VARCHAR(36),
    waits_for VARCHAR(12) DEFAULT '' NOT NULL,
    approved_by VARCHAR(200),
    PRIMARY KEY (job_id, n),
    CONSTRAINT one_row_a_key UNIQUE (job_id, account, "key"),
    FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
CREATE INDEX rows_by_state ON rows (job_id, state, n);
CREATE INDEX rows_in_hand ON rows (shift) WHERE shift IS NOT NULL;
INSERT INTO rows (job_id, n, line, account, target, "key", state, content, note, currency, amount, intent_id, shift, waits_for, approved_by) VALUES
    ('20260302-00000001', 1, 2, 'shop', 'order:order-p1', 'k-order-p1', 'ready', '{"command":{"order_id":"order-p1","amount":{"amount":"5","currency":"EUR"}},"seen":{"money":"5.00 EUR","most":"80.00 EUR"}}', '', 'EUR', '5', NULL, NULL, '', NULL);
INSERT INTO rows (job_id, n, line, account, target, "key", state, content, note, currency, amount, intent_id, shift, waits_for, approved_by) VALUES
    ('20260302-00000001', 2, 3, 'shop', 'order:order-p2', 'k-order-p2', 'held', '{"command":{"order_id":"order-p2","amount":{"amount":"55","currency":"EUR"}},"seen":{"money":"55.00 EUR","most":"80.00 EUR"}}', '55.00 EUR is above the limit of 50.00 EUR for one write. It waits for an approval: `sellercare jobs approve`, `--approve`, or `approved_by=` in a program.', 'EUR', '55', NULL, NULL, 'approval', NULL);
INSERT INTO rows (job_id, n, line, account, target, "key", state, content, note, currency, amount, intent_id, shift, waits_for, approved_by) VALUES
    ('20260302-00000001', 3, 4, 'shop', 'order:order-p3', 'k-order-p3', 'ready', '{"command":{"order_id":"order-p3","amount":{"amount":"8","currency":"EUR"}},"seen":{"money":"8.00 EUR","most":"80.00 EUR"}}', '', 'EUR', '8', NULL, NULL, '', NULL);
INSERT INTO rows (job_id, n, line, account, target, "key", state, content, note, currency, amount, intent_id, shift, waits_for, approved_by) VALUES
    ('20260302-00000001', 4, 5, 'shop', '', 'k-bad', 'rejected', '{}', 'There is no order ''nowhere'' at Acme for the account ''shop''.', NULL, NULL, NULL, NULL, '', NULL);
INSERT INTO rows (job_id, n, line, account, target, "key", state, content, note, currency, amount, intent_id, shift, waits_for, approved_by) VALUES
    ('20260302-00000002', 1, 2, 'shop', 'thread:thread-j1', 'reply-adf77d1225b6c15526cbdd9b68d5dd414859c0b714666a5ea65163a2f31dcb9d', 'confirmed', '{"command":{"thread_id":"thread-j1","text":"Hello"},"seen":{"buyer":"msg-j1"}}', '', NULL, NULL, 'c28f5287-18b3-4f4d-8821-272c8a4079d6', NULL, '', NULL);
INSERT INTO rows (job_id, n, line, account, target, "key", state, content, note, currency, amount, intent_id, shift, waits_for, approved_by) VALUES
    ('20260302-00000002', 2, 3, 'shop', 'thread:thread-j2', 'reply-ab91cdc227961cb0d964decfc249ae310d6fa0bf0eb8eb5a85f2de2bcd058c41', 'confirmed', '{"command":{"thread_id":"thread-j2","text":"=Hello"},"seen":{"buyer":"msg-j2"}}', '', NULL, NULL, '8a07b96a-8d54-4ef0-b2e0-eb5a57a02a07', NULL, '', NULL);
INSERT INTO rows (job_id, n, line, account, target, "key", state, content, note, currency, amount, intent_id, shift, waits_for, approved_by) VALUES
    ('20260302-00000002', 3, 4, 'blind', 'thread:thread-j3', 'reply-5d2c2113ef0043d52aa752052072a4693c41557d092e43ebdcf0e2ebae87cf41', 'unknown', '{"command":{"thread_id":"thread-j3","text":"Hello"},"seen":{"buyer":"msg-j3"}}', 'the seller pages of Acme', NULL, NULL, '9002542a-0c1b-47c0-b395-ffec32d5af5e', NULL, '', NULL);
INSERT INTO rows (job_id, n, line, account, target, "key", state, content, note, currency, amount, intent_id, shift, waits_for, approved_by) VALUES
    ('20260302-00000002', 4, 5, 'shop', 'thread:thread-1', 'reply-feb7df75350bb04fa56bac460c2833ea1c116e7a92ff216302c3a2e2422eeb44', 'confirmed', '{"command":{"thread_id":"thread-1","text":"It''s on its way – tomorrow."},"seen":{"buyer":"msg-1"}}', '', NULL, NULL, '025e0621-8537-497b-bad2-087905f5ef27', NULL, '', NULL);
INSERT INTO rows (job_id, n, line, account, target, "key", state, content, note, currency, amount, intent_id, shift, waits_for, approved_by) VALUES
    ('20260302-00000003', 1, 2, 'shop', 'return:return-1', 'decision-14238ea7e34d33dc488e9fb3737586e64968c2a4', 'ready', '{"command":{"return_id":"return-1","reason":"goodwill"},"verb":"returns.decline"}', '', NULL, NULL, NULL, '9f73444c-dd10-4fff-96a5-d12ce038761b', '', NULL);
INSERT INTO rows (job_id, n, line, account, target, "key", state, content, note, currency, amount, intent_id, shift, waits_for, approved_by) VALUES
    ('20260302-00000004', 1, 2, 'shop', 'order:order-approved', 'k-approved', 'ready', '{"command":{"order_id":"order-approved","amount":{"amount":"70","currency":"EUR"}},"seen":{"money":"70.00 EUR","most":"80.00 EUR"}}', 'approved by anna', 'EUR', '70', NULL, NULL, '', 'anna');
CREATE TABLE shifts (
    id VARCHAR(36) NOT NULL,
    job_id VARCHAR(36) NOT NULL,
    until FLOAT NOT NULL,
    resting BOOLEAN NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO shifts (id, job_id, until, resting) VALUES
    ('9f73444c-dd10-4fff-96a5-d12ce038761b', '20260302-00000003', 1772449262.099997, 0);
CREATE TABLE stakes (
    intent_id VARCHAR(36) NOT NULL,
    account VARCHAR(200) NOT NULL,
    run VARCHAR(200) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    amount BIGINT NOT NULL,
    counted_at FLOAT NOT NULL,
    PRIMARY KEY (intent_id),
    FOREIGN KEY(intent_id) REFERENCES intents (id) ON DELETE CASCADE
);
CREATE INDEX stakes_by_day ON stakes (account, currency, counted_at);
CREATE INDEX stakes_by_run ON stakes (account, run);
INSERT INTO stakes (intent_id, account, run, currency, amount, counted_at) VALUES
    ('9e17dc4d-d7fc-4300-b97b-68d2cde4a6f3', 'shop', 'easter', 'EUR', 125000, 1772442000.0);
INSERT INTO stakes (intent_id, account, run, currency, amount, counted_at) VALUES
    ('3384b206-5d36-4171-a3fd-078a6e185b3f', 'shop', 'easter', 'EUR', 72500, 1772449200.0);
INSERT INTO stakes (intent_id, account, run, currency, amount, counted_at) VALUES
    ('ffda7408-d42a-4734-8c07-2816eff9acb2', 'shop', '', 'EUR', 600000, 1772449200.0);
CREATE TABLE steps (
    intent_id VARCHAR(36) NOT NULL,
    name VARCHAR(60) NOT NULL,
    state VARCHAR(12) NOT NULL,
    kept TEXT,
    sent_at FLOAT,
    done_at FLOAT,
    PRIMARY KEY (intent_id, name),
    FOREIGN KEY(intent_id) REFERENCES intents (id) ON DELETE CASCADE
);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('d7887852-1fa3-4588-829b-87e92a718877', 'send', 'done', '{"id":"msg_std0hk1dbs","thread_id":"thread-1","order_id":"order-1","author":"seller","text":"It''s on its way – tomorrow.","created_at":"2026-03-02T09:00:00+00:00","delivery":"delivered","by":"seller","attachments":[],"reference":null,"review_requested":false}', 1772442000.0, 1772442000.0);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('9e17dc4d-d7fc-4300-b97b-68d2cde4a6f3', 'send', 'done', '{"id":"rfd_ha7wyhdtrz","order_id":"order-paid","return_id":null,"payment_id":"pay_32bjq85q8w","amount":{"amount":"12.50","currency":"EUR"},"lines":[],"reason":"goodwill","note":null,"state":"pending","created_at":"2026-03-02T09:00:00+00:00","by":"seller","reference":null,"review_requested":false}', 1772442000.0, 1772442000.0);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('3384b206-5d36-4171-a3fd-078a6e185b3f', 'send', 'done', '{"id":"rfd_5tr8wxc0rn","order_id":"order-pending","return_id":null,"payment_id":"pay_np5y4t1z0r","amount":{"amount":"7.25","currency":"EUR"},"lines":[],"reason":null,"note":null,"state":"pending","created_at":"2026-03-02T11:00:00+00:00","by":"seller","reference":null,"review_requested":false}', 1772449200.0, 1772449200.0);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('ffda7408-d42a-4734-8c07-2816eff9acb2', 'send', 'done', '{"id":"rfd_9wz5ewjagk","order_id":"order-large","return_id":null,"payment_id":"pay_zzg0qk9can","amount":{"amount":"60.00","currency":"EUR"},"lines":[],"reason":null,"note":null,"state":"pending","created_at":"2026-03-02T11:00:00+00:00","by":"seller","reference":null,"review_requested":false}', 1772449200.0, 1772449200.0);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('e05dd2ce-9309-42fb-98b3-7dde7e365d51', 'send', 'done', '{"id":"return-1","number":"R-00022","kind":"return","state":"approved","order_id":"order-return","thread_id":null,"reason":"damaged","note":null,"asked":{"amount":"80.00","currency":"EUR"},"created_at":"2026-03-02T11:00:00+00:00","updated_at":"2026-03-02T11:00:00+00:00","due":"2026-03-16T11:00:00+00:00","lines":[{"id":"rtl_e0jmpfz6z7","quantity":1,"received":0,"reason":"damaged","note":null,"order_line_id":"line-order-return","title":"Kettle","price":{"amount":"80.00","currency":"EUR"}}],"by":"buyer","buyer":{"id":"byr_shfyz8nvym","login":"buyer20","name":"Li Wei","email":"buyer20@example.com"},"reference":null,"review_requested":false}', 1772449200.0, 1772449200.0);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('e468c746-3f8f-48ce-8441-f4d958158a95', 'send', 'done', '{"id":"review-1","subject":"product","product_id":"prd_fsgtzjb48e","order_id":"order-paid","title":null,"text":"Came late.","created_at":"2026-03-01T11:00:00+00:00","updated_at":"2026-03-02T11:00:00.199999+00:00","removal_until":"2026-05-30T11:00:00+00:00","reply":{"text":"We are sorry.","created_at":"2026-03-02T11:00:00.199999+00:00"},"awaiting_reply":false,"removal_asked":false,"buyer":{"id":"byr_4hdd14htwf","login":"buyer8","name":"José Núñez","email":"buyer8@example.com"},"stars":2,"reference":null,"review_requested":false}', 1772449200.099999, 1772449200.199999);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('b59c803c-1bee-49f3-985b-7cdb192edf1e', 'send', 'lost', NULL, 1772449200.199999, 1772449200.199999);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('ac97d61c-93de-46d2-8b71-11c038cf6f98', 'send', 'lost', NULL, 1772449200.199999, 1772449200.199999);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('efd2f844-aff4-4c72-aedc-a61b79cfdafd', 'send', 'sending', NULL, 1772449200.199999, NULL);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('9002542a-0c1b-47c0-b395-ffec32d5af5e', 'send', 'lost', NULL, 1772449201.499998, 1772449201.499998);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('c28f5287-18b3-4f4d-8821-272c8a4079d6', 'send', 'done', '{"id":"msg_aramdrvjh3","thread_id":"thread-j1","order_id":"order-j1","author":"seller","text":"Hello","created_at":"2026-03-02T11:00:01.699997+00:00","delivery":"delivered","by":"seller","attachments":[],"reference":null,"review_requested":false}', 1772449201.699997, 1772449201.699997);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('8a07b96a-8d54-4ef0-b2e0-eb5a57a02a07', 'send', 'done', '{"id":"msg_n5yes3d8rh","thread_id":"thread-j2","order_id":"order-j2","author":"seller","text":"=Hello","created_at":"2026-03-02T11:00:01.899997+00:00","delivery":"delivered","by":"seller","attachments":[],"reference":null,"review_requested":false}', 1772449201.899997, 1772449201.899997);
INSERT INTO steps (intent_id, name, state, kept, sent_at, done_at) VALUES
    ('025e0621-8537-497b-bad2-087905f5ef27', 'send', 'done', '{"id":"msg_k1ctc5wd2t","thread_id":"thread-1","order_id":"order-1","author":"seller","text":"It''s on its way – tomorrow.","created_at":"2026-03-02T11:00:02.099997+00:00","delivery":"delivered","by":"seller","attachments":[],"reference":null,"review_requested":false}', 1772449202.099997, 1772449202.099997);
CREATE TABLE words (
    intent_id VARCHAR(36) NOT NULL,
    n INTEGER NOT NULL,
    landed BOOLEAN NOT NULL,
    native_id VARCHAR(300),
    who VARCHAR(200) NOT NULL,
    said_at FLOAT NOT NULL,
    PRIMARY KEY (intent_id, n),
    FOREIGN KEY(intent_id) REFERENCES intents (id) ON DELETE CASCADE
);
INSERT INTO words (intent_id, n, landed, native_id, who, said_at) VALUES
    ('ac97d61c-93de-46d2-8b71-11c038cf6f98', 1, 1, 'msg-seen', 'anna', 1772449200.199999);
INSERT INTO words (intent_id, n, landed, native_id, who, said_at) VALUES
    ('9d4b0a1b-3c96-4d30-af8c-47088216318f', 1, 0, NULL, 'ben', 1772449200.199999);
