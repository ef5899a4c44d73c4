/* What the files that use OpenSSL's libcrypto share; private to them. */
#pragma once

#include "dissect/tls/tls_suite.h"

/* OpenSSL's name of it. */
const char *tls_openssl_digest(TlsHash hash);
