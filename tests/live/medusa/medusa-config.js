// The shop of the live tests. LIVE_REVIEWS=no starts it without the reviews plugin.
const { defineConfig } = require('@medusajs/framework/utils');

const reviews = { resolve: '@lambdacurry/medusa-product-reviews', options: {} };
const anywhere = { storeCors: '*', adminCors: '*', authCors: '*' };

module.exports = defineConfig({
  admin: { disable: true },
  plugins: process.env.LIVE_REVIEWS === 'no' ? [] : [reviews],
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { ssl: false, connection: { ssl: false } },
    http: { ...anywhere, jwtSecret: 'only-for-tests', cookieSecret: 'only-for-tests' },
  },
});
