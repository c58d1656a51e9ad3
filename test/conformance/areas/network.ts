import type { Area } from '../area.ts';

/** Policies, Ingresses and their classes, and Services of every type. */
export const network: Area = {
  name: 'network',
  cluster: 'control-plane',
  files: {
    'policies.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: rich, labels: {a: b}, annotations: {note: hello}}
spec:
  podSelector: {matchLabels: {app: db}, matchExpressions: [{key: tier, operator: In, values: [x, y]}]}
  ingress:
  - from:
    - {podSelector: {matchLabels: {app: web}}}
    - {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}
    - {namespaceSelector: {matchLabels: {team: a}}}
    - {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.2.0.0/16]}}
    ports:
    - {port: 5432}
    - {port: http, protocol: UDP}
    - {port: 32000, endPort: 32768}
    - {protocol: TCP}
  - {}
  egress:
  - to: [{ipBlock: {cidr: 0.0.0.0/0}}]
  - ports: [{port: 53, protocol: UDP}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out}
spec: {podSelector: {}, egress: [{}], policyTypes: [Egress]}
`,
    'bad-policy.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: bad}
spec: {podSelector: {}, ingress: [{from: [{}, {ipBlock: {cidr: 10.0.0.0}}]}], ports: []}
`,
    'ambiguous.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ambiguous}
spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.1.2.3/8}}]}]}
`,
    'ingress.yaml': `apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{name: http, port: 80}, {name: admin, port: 8080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: shop-1, labels: {kubernetes.io/service-name: shop}}
addressType: IPv4
ports: [{name: http, port: 8000}]
endpoints:
- {addresses: [10.244.1.2], conditions: {ready: true}}
- {addresses: [10.244.1.3], conditions: {ready: false}}
- {addresses: [10.244.1.4]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, annotations: {nginx.ingress.kubernetes.io/rewrite-target: /}}
spec:
  ingressClassName: nginx
  tls:
  - {hosts: [shop.example.com, www.example.com], secretName: shop-cert}
  - {hosts: [a.example.com]}
  defaultBackend: {service: {name: shop, port: {name: http}}}
  rules:
  - host: shop.example.com
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}
      - {path: /admin, pathType: Exact, backend: {service: {name: shop, port: {name: admin}}}}
      - {path: /files, pathType: ImplementationSpecific, backend: {resource: {apiGroup: k8s.example.com, kind: Bucket, name: b}}}
  - http: {paths: [{pathType: ImplementationSpecific, backend: {service: {name: gone, port: {number: 80}}}}]}
  - {host: '*.example.com'}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: plain}
spec: {defaultBackend: {service: {name: gone, port: {number: 1}}}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: other}
spec: {controller: example.com/other, parameters: {apiGroup: k8s.example.com, kind: Config, name: c}}
`,
    'old-ingress.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: old, annotations: {kubernetes.io/ingress.class: nginx}}
spec: {rules: [{http: {paths: [{path: shop, backend: {service: {name: shop, port: {number: 80}}}}]}}]}
`,
    'ranges.yaml': `apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: more}
spec: {cidrs: [10.200.0.0/24]}
---
apiVersion: networking.k8s.io/v1
kind: IPAddress
metadata: {name: 10.200.0.9}
spec: {parentRef: {resource: services, namespace: default, name: shop}}
`,
    'ranges-status.yaml': `status:
  conditions:
  - {type: Ready, status: "True", lastTransitionTime: "2025-09-01T00:00:00Z", reason: "", message: "Kubernetes Service CIDR is ready"}
`,
    'front.yaml': `apiVersion: v1
kind: Service
metadata: {name: front, labels: {app: front}}
spec: {type: LoadBalancer, clusterIP: 10.96.0.20, selector: {app: front}, ports: [{name: 80-8080, port: 80, targetPort: 8080, nodePort: 30100}]}
---
apiVersion: v1
kind: Service
metadata: {name: np}
spec: {type: NodePort, clusterIP: 10.96.0.21, ports: [{port: 80, nodePort: 30200}]}
`,
    'taken.yaml': [
      '{type: NodePort, ports: [{port: 80, nodePort: 30200}]}',
      '{type: NodePort, ports: [{port: 80, nodePort: 80}]}',
      '{clusterIP: 10.96.0.20, ports: [{port: 80}]}',
      '{clusterIP: 10.97.0.1, ports: [{port: 80}]}',
    ]
      .map((spec, i) => `apiVersion: v1\nkind: Service\nmetadata: {name: taken-${i}}\nspec: ${spec}\n`)
      .join('---\n'),
    'balanced.yaml': `apiVersion: v1
kind: Service
metadata: {name: balanced}
spec:
  type: LoadBalancer
  clusterIP: 10.96.0.22
  selector: {app: shop}
  externalTrafficPolicy: Local
  healthCheckNodePort: 32100
  loadBalancerSourceRanges: [10.0.0.0/8, 192.168.0.0/16]
  loadBalancerClass: example.com/lb
  sessionAffinity: ClientIP
  ports: [{name: http, port: 80, nodePort: 30300}]
`,
    'balanced-status.yaml':
      'status:\n  loadBalancer:\n    ingress:\n    - {ip: 172.18.255.200, ipMode: VIP}\n    - {hostname: lb.example.com}\n',
  },
  commands: [
    'api-resources --api-group=networking.k8s.io',
    'apply -f policies.yaml',
    'get networkpolicies',
    'get netpol -o wide --show-labels',
    'describe netpol',
    'get netpol rich -o yaml',
    'create -f bad-policy.yaml',
    'create -f bad-policy.yaml --validate=ignore',
    'create -f ambiguous.yaml',
    'explain networkpolicy.spec.ingress.from.ipBlock',
    'delete netpol ambiguous out',
    'apply -f ingress.yaml',
    'get ingress,ingressclass',
    'get ing shop -o wide',
    'describe ingress shop',
    'describe ing plain',
    'describe ingressclass',
    'get ingressclass nginx -o yaml',
    'create -f old-ingress.yaml',
    'delete ing plain',
    'create ingress',
    'create ingress a',
    'create ingress a --rule=nonsense',
    'create ingress a --rule=/=shop:80 --annotation=bad',
    'create ingress a --default-backend=shop',
    'create ingress a --class=nginx --rule=shop.example.com/cart*=shop:http --rule=shop.example.com/=shop:80,tls=cert --rule=b.example.com/x=shop:80,tls=cert --rule=c.example.com/=shop:80,tls --annotation=k=v=w --dry-run=client -o yaml',
    'create ingress a --class=nginx --rule=/path*=shop:80 --default-backend=shop:http',
    'create ing b --rule=a.example.com/*=shop:80,tls --dry-run=client -o yaml',
    'get ing a -o yaml',
    'apply -f ranges.yaml',
    'get servicecidr more',
    'get ipaddress 10.200.0.9',
    'get ip 10.200.0.9 -o wide',
    'patch servicecidr more --subresource=status --type=merge --patch-file=ranges-status.yaml',
    'describe servicecidr more',
    'describe ipaddress 10.200.0.9',
    'create -f front.yaml',
    'create service loadbalancer front --tcp=80:8080 --dry-run=client -o yaml',
    'create service externalname out --external-name=example.com',
    'create service externalname named --external-name=example.com --tcp=80 --dry-run=client -o yaml',
    'create service clusterip headless --clusterip=None',
    'create service nodeport np --tcp=80 --node-port=30200 --dry-run=client -o yaml',
    'create -f taken.yaml',
    'get svc front out headless np',
    'describe svc front',
    'describe svc out',
    'describe svc headless',
    'apply -f balanced.yaml',
    'get svc balanced',
    'patch svc balanced --subresource=status --type=merge --patch-file=balanced-status.yaml',
    'get svc balanced -o wide',
    'describe svc balanced',
    'expose svc shop --name=public --type=LoadBalancer --port=80 --dry-run=client -o yaml',
    'expose svc shop --name=public2 --type=LoadBalancer --port=80 --load-balancer-ip=1.2.3.4 --dry-run=client -o yaml',
    `patch svc np -p '{"spec":{"clusterIP":"10.96.0.77"}}'`,
  ],
};
