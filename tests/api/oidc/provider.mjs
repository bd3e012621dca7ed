// An OpenID provider on this machine: whoever says who they are is believed.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const { port, issuer, jwks, clients, accounts, audience } = JSON.parse(process.env.PROVIDER);
const claims = ['name', 'oid', 'tid', 'roles', 'pid'];

const provider = new Provider(issuer, {
  jwks,
  clients: clients.map((client) => ({
    grant_types: ['authorization_code'],
    response_types: ['code'],
    ...client,
  })),
  acrValues: ['substantial', 'high', 'idporten-loa-substantial', 'idporten-loa-high'],
  claims: { openid: ['sub', 'acr', ...claims], profile: [] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  cookies: { keys: ['only for tests'] },
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...accounts[id] }),
  }),
  extraTokenClaims: (_ctx, token) => accounts[token.accountId] ?? {},
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        audience,
        scope: 'openid profile',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
      }),
    },
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile');
    grant.addResourceScope(audience, 'openid profile');
    await grant.save();
    return grant;
  },
});

async function body(req) {
  let text = '';
  for await (const piece of req) text += piece;
  return new URLSearchParams(text);
}

async function interaction(req, res) {
  if (req.method === 'GET') {
    await provider.interactionDetails(req, res);
    res.setHeader('content-type', 'text/html; charset=utf-8');
    res.end(`<!doctype html><title>Provider</title><link rel="icon" href="data:,"><form method="post" action="${req.url}">
      <label>Who <input name="account"></label><label>Level <input name="acr"></label>
      <button name="do" value="in">Sign in</button>
      <button name="do" value="not">Cancel</button></form>`);
    return;
  }
  const form = await body(req);
  const result = form.get('do') === 'not'
    ? { error: 'access_denied', error_description: 'not today' }
    : { login: { accountId: form.get('account'), acr: form.get('acr') || undefined } };
  await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
createServer((req, res) => {
  const answered = req.url.startsWith('/interaction/') && req.url.split('/').length === 3
    ? interaction(req, res)
    : Promise.resolve(answer(req, res));
  answered.catch((error) => {
    console.error(error);
    res.statusCode = 500;
    res.end();
  });
}).listen(port, '127.0.0.1', () => console.log('listening'));
