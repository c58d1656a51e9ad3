import { expect, test } from 'vitest';
import { parseCertificates, parsePem } from '../../../../emulator/machinery/x509/index.ts';
import { certificateText, requestText } from './text.ts';

/** Certificates of a cluster and a request made by openssl, with what OpenSSL 3.0 prints of them. */
const recorded = {
  authority: [
    `-----BEGIN CERTIFICATE-----
MIIBcTCCARigAwIBAgIBADAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwprdWJlcm5l
dGVzMB4XDTI1MTEwMzA5MDAwMFoXDTM1MTEwMTA5MDAwMFowFTETMBEGA1UEAxMK
a3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKgrahV81aXYlOoI
Od8/k5v+HWSeJVwhepgSUFCztHpDBIC2IwawCUF0TS+gPxjTj8wyLhEwwzp+aGpB
exFQ+BCjWTBXMA4GA1UdDwEB/wQEAwICpDAPBgNVHRMBAf8EBTADAQH/MB0GA1Ud
DgQWBBRBSw84Qn5y+C2wgZrOO4ZIOpVPZjAVBgNVHREEDjAMggprdWJlcm5ldGVz
MAoGCCqGSM49BAMCA0cAMEQCIF77Y4GN/GVpbVRY6igJnT71ov9Oi0cEA/wXZe6s
aIGYAiBs6tktVt+zw01zqW8wGJpuYNZKN26AUEaoTry29q2Flw==
-----END CERTIFICATE-----
`,
    `Certificate:
    Data:
        Version: 3 (0x2)
        Serial Number: 0 (0x0)
        Signature Algorithm: ecdsa-with-SHA256
        Issuer: CN = kubernetes
        Validity
            Not Before: Nov  3 09:00:00 2025 GMT
            Not After : Nov  1 09:00:00 2035 GMT
        Subject: CN = kubernetes
        Subject Public Key Info:
            Public Key Algorithm: id-ecPublicKey
                Public-Key: (256 bit)
                pub:
                    04:a8:2b:6a:15:7c:d5:a5:d8:94:ea:08:39:df:3f:
                    93:9b:fe:1d:64:9e:25:5c:21:7a:98:12:50:50:b3:
                    b4:7a:43:04:80:b6:23:06:b0:09:41:74:4d:2f:a0:
                    3f:18:d3:8f:cc:32:2e:11:30:c3:3a:7e:68:6a:41:
                    7b:11:50:f8:10
                ASN1 OID: prime256v1
                NIST CURVE: P-256
        X509v3 extensions:
            X509v3 Key Usage: critical
                Digital Signature, Key Encipherment, Certificate Sign
            X509v3 Basic Constraints: critical
                CA:TRUE
            X509v3 Subject Key Identifier: 
                41:4B:0F:38:42:7E:72:F8:2D:B0:81:9A:CE:3B:86:48:3A:95:4F:66
            X509v3 Subject Alternative Name: 
                DNS:kubernetes
    Signature Algorithm: ecdsa-with-SHA256
    Signature Value:
        30:44:02:20:5e:fb:63:81:8d:fc:65:69:6d:54:58:ea:28:09:
        9d:3e:f5:a2:ff:4e:8b:47:04:03:fc:17:65:ee:ac:68:81:98:
        02:20:6c:ea:d9:2d:56:df:b3:c3:4d:73:a9:6f:30:18:9a:6e:
        60:d6:4a:37:6e:80:50:46:a8:4e:bc:b6:f6:ad:85:97
`,
  ],
  server: [
    `-----BEGIN CERTIFICATE-----
MIICATCCAaegAwIBAgIISQqhO1JAA3EwCgYIKoZIzj0EAwIwFTETMBEGA1UEAxMK
a3ViZXJuZXRlczAeFw0yNTExMDMwOTAwMDBaFw0yNjExMDMwOTAwMDBaMBkxFzAV
BgNVBAMTDmt1YmUtYXBpc2VydmVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
JMJaC2Ocpfr8TDNo7kaMr+jTYANL0+Ad8+Dq0WAWLBrv4GyS6yiOGKVo7pNGQ9Jn
yw4sAIuaAhkUv+/opfeceaOB3DCB2TAOBgNVHQ8BAf8EBAMCBaAwEwYDVR0lBAww
CgYIKwYBBQUHAwEwDAYDVR0TAQH/BAIwADAfBgNVHSMEGDAWgBRBSw84Qn5y+C2w
gZrOO4ZIOpVPZjCBggYDVR0RBHsweYIKa3ViZXJuZXRlc4ISa3ViZXJuZXRlcy5k
ZWZhdWx0ghZrdWJlcm5ldGVzLmRlZmF1bHQuc3ZjgiRrdWJlcm5ldGVzLmRlZmF1
bHQuc3ZjLmNsdXN0ZXIubG9jYWyCDWNvbnRyb2wtcGxhbmWHBApgAAGHBKwSAAIw
CgYIKoZIzj0EAwIDSAAwRQIgb3//Pio3DcZXYB3yWYp41Uu86Wl70eGO+S9Pul0L
b60CIQDs9BpQS+qXBLcs07bLEDND3Hy7lXJhiplZOcSJxDPxXQ==
-----END CERTIFICATE-----
`,
    `Certificate:
    Data:
        Version: 3 (0x2)
        Serial Number: 5263196390690915185 (0x490aa13b52400371)
        Signature Algorithm: ecdsa-with-SHA256
        Issuer: CN = kubernetes
        Validity
            Not Before: Nov  3 09:00:00 2025 GMT
            Not After : Nov  3 09:00:00 2026 GMT
        Subject: CN = kube-apiserver
        Subject Public Key Info:
            Public Key Algorithm: id-ecPublicKey
                Public-Key: (256 bit)
                pub:
                    04:24:c2:5a:0b:63:9c:a5:fa:fc:4c:33:68:ee:46:
                    8c:af:e8:d3:60:03:4b:d3:e0:1d:f3:e0:ea:d1:60:
                    16:2c:1a:ef:e0:6c:92:eb:28:8e:18:a5:68:ee:93:
                    46:43:d2:67:cb:0e:2c:00:8b:9a:02:19:14:bf:ef:
                    e8:a5:f7:9c:79
                ASN1 OID: prime256v1
                NIST CURVE: P-256
        X509v3 extensions:
            X509v3 Key Usage: critical
                Digital Signature, Key Encipherment
            X509v3 Extended Key Usage: 
                TLS Web Server Authentication
            X509v3 Basic Constraints: critical
                CA:FALSE
            X509v3 Authority Key Identifier: 
                41:4B:0F:38:42:7E:72:F8:2D:B0:81:9A:CE:3B:86:48:3A:95:4F:66
            X509v3 Subject Alternative Name: 
                DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, DNS:kubernetes.default.svc.cluster.local, DNS:control-plane, IP Address:10.96.0.1, IP Address:172.18.0.2
    Signature Algorithm: ecdsa-with-SHA256
    Signature Value:
        30:45:02:20:6f:7f:ff:3e:2a:37:0d:c6:57:60:1d:f2:59:8a:
        78:d5:4b:bc:e9:69:7b:d1:e1:8e:f9:2f:4f:ba:5d:0b:6f:ad:
        02:21:00:ec:f4:1a:50:4b:ea:97:04:b7:2c:d3:b6:cb:10:33:
        43:dc:7c:bb:95:72:61:8a:99:59:39:c4:89:c4:33:f1:5d
`,
  ],
  request: [
    `-----BEGIN CERTIFICATE REQUEST-----
MIICmzCCAYMCAQAwKTENMAsGA1UEAwwEamFuZTEMMAoGA1UECgwDZGV2MQowCAYD
VQQLDAF4MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAw8eu80Nnu1f3
eXHlHSAraCNwMzyImFAgex/ZTAlTz6mN2lANK1O3f8T8rAeg9OqwuVcGO/r8D2cj
kqTDt2obSr80IYbgS+PkqeGsVU8I4l3uVbZA8APKCxrrYMpFcaIOk9boE8zI35za
YDqJfIrTbaGKtlXTY7qjFUOpIjwYn5c6lZ2sLfco941Dhfg9wVrP5i8jr4pnSRx2
y1Dn5L2kXoYQdToRIYX3F7RHHxSX5Xf/4ZQgLcGiuiaVpdIfhTr0+wRS5Fn/2N6x
Sp814ikSRxlRbTK7t+rwRwq2DzHQ9QQFUSiDr0LGczgBQicv+HNBE06shNMBPSmA
Vbmk4jXN/wIDAQABoC0wKwYJKoZIhvcNAQkOMR4wHDAaBgNVHREEEzARgglhLmV4
YW1wbGWHBAoAAAEwDQYJKoZIhvcNAQELBQADggEBADcrVWQeCAd4TDnJUiCthFIm
jKTHUmvhYJQ/Z7udTN6OGJMf+2unzT6ZqURLkp8f04LKUOZeF1Kya1/rb20MzUEh
84mZoAjQGi4ThGpMqe2euB+Q+6BbEAi9L7znahkbbcXQEKsJoBabaPfZ25YROzlq
muB4hsnT3QRJ8rLKX/Zf4KnW/gVtvhi9UdZfc83CO2sH9cWUZSvqhnNhhvsyNdis
KV81Gv5jAdv9Cdhygr69K7hXwYN/IuSyo8zvKUDp0zKmPRg0gSQKgi5JB79c3Daw
cbNZcm3d2CfGKRQ/f8ZmTsKruNS03dy+rB3/eSLjR6zWaOly07MiFzhtVYzHIPU=
-----END CERTIFICATE REQUEST-----
`,
    `Certificate Request:
    Data:
        Version: 1 (0x0)
        Subject: CN = jane, O = dev, OU = x
        Subject Public Key Info:
            Public Key Algorithm: rsaEncryption
                Public-Key: (2048 bit)
                Modulus:
                    00:c3:c7:ae:f3:43:67:bb:57:f7:79:71:e5:1d:20:
                    2b:68:23:70:33:3c:88:98:50:20:7b:1f:d9:4c:09:
                    53:cf:a9:8d:da:50:0d:2b:53:b7:7f:c4:fc:ac:07:
                    a0:f4:ea:b0:b9:57:06:3b:fa:fc:0f:67:23:92:a4:
                    c3:b7:6a:1b:4a:bf:34:21:86:e0:4b:e3:e4:a9:e1:
                    ac:55:4f:08:e2:5d:ee:55:b6:40:f0:03:ca:0b:1a:
                    eb:60:ca:45:71:a2:0e:93:d6:e8:13:cc:c8:df:9c:
                    da:60:3a:89:7c:8a:d3:6d:a1:8a:b6:55:d3:63:ba:
                    a3:15:43:a9:22:3c:18:9f:97:3a:95:9d:ac:2d:f7:
                    28:f7:8d:43:85:f8:3d:c1:5a:cf:e6:2f:23:af:8a:
                    67:49:1c:76:cb:50:e7:e4:bd:a4:5e:86:10:75:3a:
                    11:21:85:f7:17:b4:47:1f:14:97:e5:77:ff:e1:94:
                    20:2d:c1:a2:ba:26:95:a5:d2:1f:85:3a:f4:fb:04:
                    52:e4:59:ff:d8:de:b1:4a:9f:35:e2:29:12:47:19:
                    51:6d:32:bb:b7:ea:f0:47:0a:b6:0f:31:d0:f5:04:
                    05:51:28:83:af:42:c6:73:38:01:42:27:2f:f8:73:
                    41:13:4e:ac:84:d3:01:3d:29:80:55:b9:a4:e2:35:
                    cd:ff
                Exponent: 65537 (0x10001)
        Attributes:
            Requested Extensions:
                X509v3 Subject Alternative Name: 
                    DNS:a.example, IP Address:10.0.0.1
    Signature Algorithm: sha256WithRSAEncryption
    Signature Value:
        37:2b:55:64:1e:08:07:78:4c:39:c9:52:20:ad:84:52:26:8c:
        a4:c7:52:6b:e1:60:94:3f:67:bb:9d:4c:de:8e:18:93:1f:fb:
        6b:a7:cd:3e:99:a9:44:4b:92:9f:1f:d3:82:ca:50:e6:5e:17:
        52:b2:6b:5f:eb:6f:6d:0c:cd:41:21:f3:89:99:a0:08:d0:1a:
        2e:13:84:6a:4c:a9:ed:9e:b8:1f:90:fb:a0:5b:10:08:bd:2f:
        bc:e7:6a:19:1b:6d:c5:d0:10:ab:09:a0:16:9b:68:f7:d9:db:
        96:11:3b:39:6a:9a:e0:78:86:c9:d3:dd:04:49:f2:b2:ca:5f:
        f6:5f:e0:a9:d6:fe:05:6d:be:18:bd:51:d6:5f:73:cd:c2:3b:
        6b:07:f5:c5:94:65:2b:ea:86:73:61:86:fb:32:35:d8:ac:29:
        5f:35:1a:fe:63:01:db:fd:09:d8:72:82:be:bd:2b:b8:57:c1:
        83:7f:22:e4:b2:a3:cc:ef:29:40:e9:d3:32:a6:3d:18:34:81:
        24:0a:82:2e:49:07:bf:5c:dc:36:b0:71:b3:59:72:6d:dd:d8:
        27:c6:29:14:3f:7f:c6:66:4e:c2:ab:b8:d4:b4:dd:dc:be:ac:
        1d:ff:79:22:e3:47:ac:d6:68:e9:72:d3:b3:22:17:38:6d:55:
        8c:c7:20:f5
`,
  ],
} as const;

test.each(['authority', 'server'] as const)('a certificate is printed as openssl prints it: %s', (name) => {
  const [pem, text] = recorded[name];
  expect(certificateText(parseCertificates(pem)[0]!.der)).toBe(text);
});

test('so is a request with an RSA key', () => {
  const [pem, text] = recorded.request;
  expect(requestText(parsePem(pem)[0]!.bytes)).toBe(text);
});
