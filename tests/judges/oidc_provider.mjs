// A real OIDC provider: node oidc_provider.mjs PORT RESOURCE. It prints its issuer when it listens.
import Provider from 'oidc-provider';

const [port, resource] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'sms',
      client_secret: 'secret',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  scopes: ['sms:read', 'other'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'sms:read other', accessTokenFormat: 'jwt', accessTokenTTL: 60 }),
    },
  },
});
provider.listen(Number(port), '127.0.0.1', () => console.log(issuer));
