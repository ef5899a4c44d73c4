#include "dissect/tls/tls_suite.h"

#include <glib.h>

static const TlsSuite SUITES[] = {
#define TLS_SUITE(number, name, exchange, bulk, hash)                                              \
  {number, "TLS_" name, TLS_EXCHANGE_##exchange, TLS_BULK_##bulk, TLS_HASH_##hash},
#include "dissect/tls/tls_suites.def"
#undef TLS_SUITE
};

static const TlsBulkRow BULKS[TLS_BULK_COUNT] = {
#define TLS_BULK_ROW(id, name, key, fixed, tag, mode)                                              \
  [TLS_BULK_##id] = {name, key, fixed, tag, mode},
  TLS_BULKS(TLS_BULK_ROW)
#undef TLS_BULK_ROW
};

const TlsSuite *tls_suite_find(uint16_t number)
{
  size_t low = 0, high = G_N_ELEMENTS(SUITES);

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (SUITES[middle].number < number)
      low = middle + 1;
    else
      high = middle;
  }
  return low < G_N_ELEMENTS(SUITES) && SUITES[low].number == number ? &SUITES[low] : NULL;
}

const TlsBulkRow *tls_bulk(TlsBulk bulk)
{
  return &BULKS[bulk];
}

TlsHash tls_suite_schedule_hash(const TlsSuite *suite, uint16_t version)
{
  if (version < TLS_1_2)
    return TLS_HASH_MD5_SHA1;
  return suite->hash == TLS_HASH_SHA384 ? TLS_HASH_SHA384 : TLS_HASH_SHA256;
}

uint8_t tls_hash_len(TlsHash hash)
{
  static const uint8_t LENGTHS[] = {
    [TLS_HASH_MD5] = 16,    [TLS_HASH_SHA1] = 20,     [TLS_HASH_SHA256] = 32,
    [TLS_HASH_SHA384] = 48, [TLS_HASH_MD5_SHA1] = 36,
  };

  return LENGTHS[hash];
}

const char *tls_version_name(uint16_t version, char room[TLS_NAME_MAX])
{
  static const char *const NAMES[] = {"SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"};

  if (version >= 0x0300 && version <= TLS_1_3)
    return NAMES[version - 0x0300];
  g_snprintf(room, TLS_NAME_MAX, "version 0x%04x", version);
  return room;
}

const char *tls_suite_name(uint16_t number, char room[TLS_NAME_MAX])
{
  const TlsSuite *suite = tls_suite_find(number);

  if (suite)
    return suite->name;
  g_snprintf(room, TLS_NAME_MAX, "suite 0x%04x", number);
  return room;
}

const char *tls_alert_name(uint8_t alert, char room[TLS_NAME_MAX])
{
  static const struct {
    uint8_t number;
    const char *name;
  } ALERTS[] = {
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
    {121, "ech_required"},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(ALERTS); i++)
    if (ALERTS[i].number == alert)
      return ALERTS[i].name;
  g_snprintf(room, TLS_NAME_MAX, "alert %u", alert);
  return room;
}
