/*
 * TlsHello: the handshake messages that say what a connection is, read without keys (RFC 8446 4.1,
 * RFC 5246 7.4).  Slices point into the message.
 */
#pragma once

#include "capture/slice.h"
#include "dissect/tls/tls_suite.h"

enum { TLS_RANDOM_LEN = 32 };

/* Of a record. */
enum {
  TLS_CHANGE_CIPHER_SPEC = 20,
  TLS_ALERT = 21,
  TLS_HANDSHAKE = 22,
  TLS_APPLICATION_DATA = 23,
};

/* Of a handshake message. */
enum {
  TLS_CLIENT_HELLO = 1,
  TLS_SERVER_HELLO = 2,
  TLS_END_OF_EARLY_DATA = 5,
  TLS_ENCRYPTED_EXTENSIONS = 8,
  TLS_CERTIFICATE = 11,
  TLS_CLIENT_KEY_EXCHANGE = 16,
  TLS_FINISHED = 20,
  TLS_KEY_UPDATE = 24,
};

typedef struct {
  uint8_t random[TLS_RANDOM_LEN];
  uint16_t version;  /* the highest that is offered */
  Slice server_name; /* absent when there is none */
  Slice protocol;    /* ALPN: the first that is offered (RFC 7301) */
  bool early_data;
} TlsClientHello;

typedef struct {
  uint8_t random[TLS_RANDOM_LEN];
  uint16_t version;      /* that is chosen */
  uint16_t suite;        /* and with it */
  Slice protocol;        /* ALPN, before TLS 1.3 */
  bool retries;          /* a HelloRetryRequest */
  bool resumes;          /* TLS 1.3: by a key that was shared before */
  bool encrypt_then_mac; /* RFC 7366 */
  bool extended_master;  /* RFC 7627 */
  bool compresses;
  uint16_t srtp_profile; /* DTLS: of use_srtp (RFC 5764 4.1.1); 0: none */
  Slice srtp_mki;
} TlsServerHello;

/* The body of a handshake message, which may have been cut: false when what is needed is not there,
 * or contradicts itself. */
bool tls_client_hello_read(Slice body, TlsClientHello *ret_hello);
bool tls_server_hello_read(Slice body, TlsServerHello *ret_hello);

/* The same of DTLS (RFC 6347); versions are those of TLS that they are made of. */
bool dtls_client_random_read(Slice body, uint8_t ret_random[TLS_RANDOM_LEN]);
bool dtls_server_hello_read(Slice body, TlsServerHello *ret_hello);

/* TLS 1.3: what is agreed with the protocol (ALPN; absent: none), and whether early data are. */
bool tls_encrypted_extensions_read(Slice body, Slice *ret_protocol, bool *ret_early_data);

/* The first certificate (DER) of a Certificate message; absent when there is none or not all of
 * it. */
Slice tls_certificate_first(Slice body, uint16_t version);
