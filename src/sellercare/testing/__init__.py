"""What tests of sellercare, of adapters and of programs built on it have in common.

The pytest plugin in `plugin` is loaded by itself; `Platform` and `face_of` in `platform` serve other test runners.

An author subclasses the class in `suite`. `moves` is how it makes each write and read, `workshop` is where it works,
`described` and `description` what it holds against a platform's own description, `report` and `generate` what
`sellercare adapters check` and `new` do. Behind them are rooms: `checks` has a module for each question that is asked,
`descriptions` one for each kind of description, and `answers` what is made up from those.
"""
