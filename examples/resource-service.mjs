// A service that rests on MBPanel Auth: who may create sites is decided there, and checked here.
//
//   AUTH_URL=http://localhost:8080 PORT=3000 node examples/resource-service.mjs
import express from 'express';
import { createAuthClient } from 'mbauth/client';

const { AUTH_URL = 'http://localhost:8080', AUTH_ISSUER = AUTH_URL, PORT = '3000' } = process.env;

const auth = createAuthClient({
  baseUrl: AUTH_URL,
  issuer: AUTH_ISSUER, // the service's PUBLIC_URL
  stalenessSeconds: 0, // a revocation holds at once; 5 asks once in five seconds for each token
});

const app = express();

app.post('/sites', auth.requirePermission('site.create'), (request, response) => {
  const { user, team } = request.auth;
  response.status(201).json({ createdBy: user.name, team: team.name });
});

app.get('/buttons', async (request, response) => {
  const token = request.headers.authorization?.replace(/^Bearer /i, '') ?? '';
  try {
    response.json(await auth.authorize(token, ['site.create', 'site.delete', 'billing.manage']));
  } catch (refused) {
    response.status(refused.status ?? 500).json({ why: refused.code });
  }
});

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});
