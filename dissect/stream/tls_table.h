/*
 * TlsTable: the TLS connections of an input, counted by what is known of them: who the server is,
 * what was agreed, and how it went.  An open one is counted once it is known how it goes.  Fixed in
 * size.
 */
#pragma once

#include "dissect/net/endpoint.h"
#include "dissect/tls/tls_session.h"

typedef enum {
  TLS_BEGUN,  /* it carried nothing but a handshake */
  TLS_READ,   /* what it carried was decrypted */
  TLS_UNREAD, /* it was not: there was no key, or its beginning was not captured */
  TLS_FAILED, /* an alert ended the handshake */
} TlsOutcome;

/* Texts end with NUL, and may be cut. */
typedef struct {
  Endpoint server;
  uint8_t outcome; /* TlsOutcome */
  uint8_t has_alert, alert, alert_of_client;
  uint16_t version, suite; /* 0: not seen */
  char name[64];           /* of the server, as the client called it; empty: not seen */
  char protocol[16];       /* ALPN */
  char subject[96], issuer[96];
  int64_t from_s, until_s; /* validity of the certificate, when there is a subject */
  uint64_t count;
  Endpoint client; /* of the first */
  uint64_t frame;  /* that began it */
} TlsRow;

enum { TLS_ROWS_MAX = 64 };

/* In order of appearance.  Rows of no connection are free. */
typedef struct {
  unsigned count;
  uint64_t others; /* connections for which there was no row */
  TlsRow rows[TLS_ROWS_MAX];
} TlsTable;

/* The row of one connection, without its ends, frame and outcome. */
TlsRow tls_row_of(const TlsInfo *info);

/* Counts `row->count` connections; gives the place of their row, for tls_table_remove. */
unsigned tls_table_add(TlsTable *table, const TlsRow *row);

/* One connection that was counted at that place is not any more. */
void tls_table_remove(TlsTable *table, unsigned place);

/* A copy without free rows, which costs no more than there is. */
void tls_table_copy(TlsTable *to, const TlsTable *from);
