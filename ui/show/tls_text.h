/*
 * TlsText: what is said of the TLS connections of an input (dissect/stream/tls_table.h).
 */
#pragma once

#include "dissect/diagnose/finding.h"
#include "dissect/stream/tls_table.h"

/* Of handshakes that an alert ended, and of what could not be read; FINDING_COUNT of others. */
FindingId tls_finding(const TlsRow *row);

/* "3 TLS connections to 198.51.100.20:5061: sip.example.com, ...; the first from 192.0.2.10:40000,
 * frame 1". */
void tls_text_append_finding(const TlsRow *row, GString *to);

/* "decrypted", "no key", ... */
const char *tls_outcome_text(const TlsRow *row);

/* "sip.example.com, TLS 1.2, TLS_RSA_..., alert unknown_ca by the client, certificate ...". */
void tls_text_append(const TlsRow *row, GString *to);

/* The row of that outcome that most connections are of; NULL when there is none. */
const TlsRow *tls_table_most(const TlsTable *table, TlsOutcome outcome);

/* Connections of that outcome. */
uint64_t tls_table_count(const TlsTable *table, TlsOutcome outcome);
