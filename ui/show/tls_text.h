/*
 * TlsText: what is said of the TLS connections of an input (dissect/stream/tls_table.h).
 */
#pragma once

#include "dissect/stream/tls_table.h"

/* "tls-alert" for handshakes that an alert ended, "tls-unread" for what could not be read; or
 * NULL. */
const char *tls_finding_name(const TlsRow *row);

/* "decrypted", "no key", ... */
const char *tls_outcome_text(const TlsRow *row);

/* "sip.example.com, TLS 1.2, TLS_RSA_..., alert unknown_ca by the client, certificate ...". */
void tls_text_append(const TlsRow *row, GString *to);

/* The row of that outcome that most connections are of; NULL when there is none. */
const TlsRow *tls_table_most(const TlsTable *table, TlsOutcome outcome);

/* Connections of that outcome. */
uint64_t tls_table_count(const TlsTable *table, TlsOutcome outcome);
