/*
 * DtlsTable: the DTLS handshakes between media endpoints, by both of them.  At the limit the one
 * that began first goes.
 */
#pragma once

#include "dissect/net/endpoint.h"
#include "dissect/tls/dtls_handshake.h"

typedef struct DtlsTable DtlsTable;

enum { DTLS_TABLE_MAX = 16 * 1024 };

DtlsTable *dtls_table_new(size_t limit);
void dtls_table_free(DtlsTable *table);

/* Takes a datagram for which dtls_is_likely. */
void dtls_table_take(DtlsTable *table, const Endpoint *src, const Endpoint *dst, Slice datagram);

/* The handshake; *ret_side: which side of it `src` is.  NULL when none was seen. */
const DtlsHandshake *dtls_table_find(const DtlsTable *table, const Endpoint *src,
                                     const Endpoint *dst, unsigned *ret_side);

size_t dtls_table_count(const DtlsTable *table);
