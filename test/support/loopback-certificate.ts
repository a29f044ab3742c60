/**
 * A self-signed certificate for `localhost` and `127.0.0.1`, valid for a hundred years, and its key. It protects nothing; it lets tests
 * start TLS servers on a machine without OpenSSL.
 */
export const loopbackCertificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUIYo0K2ObxpmFm+zfCV4ahwjQtIowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDA1MjcwOFoYDzIxMjYxMDMx
MDUyNzA4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARuZkXkuihLSqt508wCme4GPt3SLTgY2x0YI5YsGaX980Pnsaj+ZGeM
eJjo3q21gt8j6/rLAHI7NgQ65rNHi69so28wbTAdBgNVHQ4EFgQUSJBaOGelQREN
qZYsVUqST8VRFokwHwYDVR0jBBgwFoAUSJBaOGelQRENqZYsVUqST8VRFokwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAL/crWc5mdD9Zn16Mm6ap+FSQgMErJ+DW3onGhAu8+v4AiEA
wuGqZz9qxkhpXiI9tB/X435GhmZOFLiZ7eISqAKxoZk=
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtwMUAW/mLcOsv+AO
KRZ4oNVufUvyfw5s/auHD4Sk0qqhRANCAARuZkXkuihLSqt508wCme4GPt3SLTgY
2x0YI5YsGaX980Pnsaj+ZGeMeJjo3q21gt8j6/rLAHI7NgQ65rNHi69s
-----END PRIVATE KEY-----`,
};
