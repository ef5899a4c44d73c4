#include "dissect/stream/tls_table.h"

static void set_text(char *to, size_t room, const char *text)
{
  if (text)
    g_strlcpy(to, text, room);
}

TlsRow tls_row_of(const TlsInfo *info)
{
  TlsRow row = {.version = info->version,
                .suite = info->suite,
                .has_alert = info->has_alert,
                .alert = info->alert,
                .alert_of_client = info->alert_of_client,
                .from_s = info->server.from_s,
                .until_s = info->server.until_s,
                .count = 1};

  set_text(row.name, sizeof row.name, info->server_name);
  set_text(row.protocol, sizeof row.protocol, info->protocol);
  set_text(row.subject, sizeof row.subject, info->server.subject);
  set_text(row.issuer, sizeof row.issuer, info->server.issuer);
  return row;
}

static bool is_alike(const TlsRow *a, const TlsRow *b)
{
  return endpoint_eq(&a->server, &b->server) && a->outcome == b->outcome &&
         a->has_alert == b->has_alert && a->alert == b->alert &&
         a->alert_of_client == b->alert_of_client && a->version == b->version &&
         a->suite == b->suite && strcmp(a->name, b->name) == 0 &&
         strcmp(a->protocol, b->protocol) == 0 && strcmp(a->subject, b->subject) == 0;
}

unsigned tls_table_add(TlsTable *table, const TlsRow *row)
{
  unsigned place = table->count;

  for (unsigned i = table->count; i > 0; i--) {
    TlsRow *other = &table->rows[i - 1];
    if (other->count == 0)
      place = i - 1;
    else if (is_alike(other, row)) {
      other->count += row->count;
      return i - 1;
    }
  }
  if (place == TLS_ROWS_MAX) {
    table->others += row->count;
    return place;
  }
  table->rows[place] = *row;
  table->count = MAX(table->count, place + 1);
  return place;
}

void tls_table_remove(TlsTable *table, unsigned place)
{
  if (place < table->count)
    table->rows[place].count--;
  else
    table->others--;
}

void tls_table_copy(TlsTable *to, const TlsTable *from)
{
  to->count = 0;
  to->others = from->others;
  for (unsigned i = 0; i < from->count; i++)
    if (from->rows[i].count > 0)
      to->rows[to->count++] = from->rows[i];
}
