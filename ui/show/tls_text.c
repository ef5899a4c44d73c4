#include "ui/show/tls_text.h"

#include "capture/language.h"

FindingId tls_finding(const TlsRow *row)
{
  if (row->outcome == TLS_FAILED)
    return FINDING_TLS_ALERT;
  return row->outcome == TLS_UNREAD ? FINDING_TLS_UNREAD : FINDING_COUNT;
}

const char *tls_outcome_text(const TlsRow *row)
{
  switch ((TlsOutcome) row->outcome) {
  case TLS_BEGUN:
    return _("no data");
  case TLS_READ:
    return _("decrypted");
  case TLS_UNREAD:
    return row->version == 0 ? _("handshake not captured") : _("no key");
  case TLS_FAILED:
    return _("handshake failed");
  }
  g_assert_not_reached();
}

static void append_date(GString *to, int64_t seconds)
{
  g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(seconds);
  g_autofree char *text = date ? g_date_time_format(date, "%Y-%m-%d") : NULL;

  g_string_append(to, text ? text : "?");
}

static void append_certificate(const TlsRow *row, GString *to)
{
  if (strcmp(row->subject, row->issuer) == 0)
    g_string_append_printf(to, _(", certificate %s (self-signed)"), row->subject);
  else
    g_string_append_printf(to, _(", certificate %s by %s"), row->subject, row->issuer);
  g_string_append(to, _(", valid "));
  append_date(to, row->from_s);
  g_string_append(to, _(" to "));
  append_date(to, row->until_s);
}

void tls_text_append(const TlsRow *row, GString *to)
{
  char room[TLS_NAME_MAX];

  if (row->name[0])
    g_string_append_printf(to, "%s%s", row->name, _(", "));
  g_string_append(to, tls_outcome_text(row));
  if (row->version != 0)
    g_string_append_printf(to, "%s%s", _(", "), tls_version_name(row->version, room));
  if (row->suite != 0)
    g_string_append_printf(to, "%s%s", _(", "), tls_suite_name(row->suite, room));
  if (row->has_alert)
    g_string_append_printf(to, _(", alert %s by the %s"), tls_alert_name(row->alert, room),
                           row->alert_of_client ? _("client") : _("server"));
  if (row->subject[0])
    append_certificate(row, to);
}

void tls_text_append_finding(const TlsRow *row, GString *to)
{
  char server[ENDPOINT_TEXT_MAX], client[ENDPOINT_TEXT_MAX];

  g_string_append_printf(
    to,
    translate_count("%" G_GUINT64_FORMAT " TLS connection to %s: ",
                    "%" G_GUINT64_FORMAT " TLS connections to %s: ", row->count),
    row->count, endpoint_format(&row->server, server));
  tls_text_append(row, to);
  g_string_append_printf(to, _("; %sfrom %s, frame %" G_GUINT64_FORMAT),
                         row->count == 1 ? "" : _("the first "),
                         endpoint_format(&row->client, client), row->frame);
}

const TlsRow *tls_table_most(const TlsTable *table, TlsOutcome outcome)
{
  const TlsRow *most = NULL;

  for (unsigned i = 0; i < table->count; i++)
    if (table->rows[i].outcome == outcome && (!most || table->rows[i].count > most->count))
      most = &table->rows[i];
  return most;
}

uint64_t tls_table_count(const TlsTable *table, TlsOutcome outcome)
{
  uint64_t count = 0;

  for (unsigned i = 0; i < table->count; i++)
    if (table->rows[i].outcome == outcome)
      count += table->rows[i].count;
  return count;
}
