/** Gateway API: kinds of an add-on, which kubectl knows only from the server. */
import { crds } from '../../../src/emulator/addons/gateway-api/crds.ts';
import { toYaml } from '../../../src/emulator/machinery/yaml.ts';
import type { Area } from '../area.ts';

const group = 'gateway.networking.k8s.io/v1';

export const gateway: Area = {
  name: 'gateway',
  cluster: 'control-plane',
  files: {
    'crds.yaml': crds.map((object) => toYaml(object)).join('---\n'),
    'class.yaml': `apiVersion: ${group}\nkind: GatewayClass\nmetadata:\n  name: nginx\nspec:\n  controllerName: gateway.nginx.org/nginx-gateway-controller\n  description: The one that is there.\n`,
    'gateway.yaml': `apiVersion: ${group}\nkind: Gateway\nmetadata:\n  name: web\nspec:\n  gatewayClassName: nginx\n  listeners:\n  - name: http\n    port: 80\n    protocol: HTTP\n`,
    'route.yaml': `apiVersion: ${group}\nkind: HTTPRoute\nmetadata:\n  name: shop\nspec:\n  parentRefs:\n  - name: web\n  hostnames:\n  - shop.example.com\n  rules:\n  - matches:\n    - path:\n        value: /cart\n    backendRefs:\n    - name: cart\n      port: 80\n      weight: 9\n    - name: cart-next\n      port: 80\n`,
    'bad.yaml': `apiVersion: ${group}\nkind: HTTPRoute\nmetadata:\n  name: bad\nspec:\n  rules:\n  - backendRefs:\n    - name: cart\n    filters:\n    - type: URLRewrite\n`,
    'unknown.yaml': `apiVersion: ${group}\nkind: HTTPRoute\nmetadata:\n  name: odd\nspec:\n  host: shop.example.com\n`,
    'grant.yaml':
      'apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata:\n  name: routes\nspec:\n  from:\n  - {group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}\n  to:\n  - {group: "", kind: Service}\n',
  },
  commands: [
    'apply --server-side -f crds.yaml',
    'get crd',
    'api-resources --api-group=gateway.networking.k8s.io',
    'apply -f class.yaml',
    'apply -f gateway.yaml',
    'apply -f route.yaml',
    'apply -f grant.yaml',
    'apply -f bad.yaml',
    'apply -f unknown.yaml',
    'get gatewayclass',
    'get gc -o wide',
    'get gtw,httproute,refgrant',
    'get gateway-api',
    'get httproute shop -o yaml',
    'describe gateway web',
    'describe httproute shop',
    'explain gateway.spec',
    'explain httproute.spec.rules.backendRefs',
    'explain httproute.spec.rules.matches.path.type',
    'explain referencegrant --recursive',
    `patch httproute shop --type=json -p '[{"op":"replace","path":"/spec/rules/0/backendRefs/1/weight","value":5}]'`,
    `patch gc nginx --type=merge -p '{"spec":{"controllerName":"other.org/one"}}'`,
    'get httproute shop -o jsonpath={.spec.rules[0].backendRefs[*].weight}',
    'delete httproute shop',
    'delete crd httproutes.gateway.networking.k8s.io',
    'get httproutes',
  ],
};
