/*
 * TlsSession: one TLS connection (RFC 5246, RFC 8446): takes the records of both sides, says what
 * the handshake says, and opens what is protected where the secrets are known.
 *
 * Each side is in order, apart from holes that tls_session_lose reports; the sides need not be in
 * step: records that cannot be opened before the other side was heard, or before a key comes, are
 * given back.  Fixed in size but for one handshake message of each side.
 */
#pragma once

#include "dissect/tls/tls_keys.h"

/* What is known of the connection. */
typedef struct {
  bool agreed;           /* a ServerHello was seen: */
  uint16_t version;      /* its version; before, the highest that the client offers; 0: not seen */
  uint16_t suite;        /* 0 before */
  char *server_name;     /* or NULL */
  char *protocol;        /* ALPN: agreed, or else offered first; or NULL */
  TlsCertificate server; /* `subject` is NULL when it was not seen in clear, or decrypted */
  bool has_alert;        /* that ended it, the first: */
  bool alert_of_client;
  uint8_t alert;
  bool is_read;        /* application data were decrypted */
  uint64_t unreadable; /* records that were not, though there was a key */
} TlsInfo;

typedef struct TlsSession TlsSession;

/* `keys` must outlive it.  With one reference. */
TlsSession *tls_session_new(TlsKeys *keys);
TlsSession *tls_session_ref(TlsSession *session);
void tls_session_unref(TlsSession *session);

typedef enum {
  TLS_TAKEN,   /* nothing to show */
  TLS_CONTENT, /* application data */
  TLS_WAITS,   /* for a key, or for the other side: give it again later */
  TLS_DAMAGED, /* the key does not open it: changed, or records before it are missing */
  TLS_UNKNOWN, /* nothing will open it: its handshake or its cipher suite is not known */
} TlsTaken;

/*
 * Takes the next record of a side (0 or 1; which is the client shows).  Content is written to
 * `room`, of the record's body and TLS_BLOCK_MAX bytes.
 */
TlsTaken tls_session_take(TlsSession *session, unsigned side, const TlsRecord *record, char *room,
                          Slice *ret_content);

/* So many records at most are missing before the next one of the side. */
void tls_session_lose(TlsSession *session, unsigned side, uint64_t records_max);

/* Has the side begun to protect its records? */
bool tls_session_is_secured(const TlsSession *session, unsigned side);

/* Is the side the client's? */
bool tls_session_is_client(const TlsSession *session, unsigned side);

/* Valid as long as the session. */
const TlsInfo *tls_session_info(const TlsSession *session);

/* A number for whoever keeps the session, 0 at first. */
unsigned tls_session_mark(const TlsSession *session);
void tls_session_set_mark(TlsSession *session, unsigned mark);

/* Appends the lines of a key log that open it.  The text is secret. */
void tls_session_append_lines(const TlsSession *session, GString *to);
