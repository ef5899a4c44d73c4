#include "dissect/sip/passport.h"

#include <glib.h>

#include "capture/language.h"
#include "dissect/sip/json_reader.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_values.h"

size_t passport_values(const SipMsg *msg, Slice ret_values[PASSPORTS_MAX])
{
  SipHeaderIter rows = sip_header_iter(msg);
  SipHeaderRow row;
  size_t count = 0;
  Slice value;

  if (!sip_msg_has(msg, SIP_HEADER_IDENTITY))
    return 0;
  while (sip_header_next(&rows, &row)) {
    SipListIter values = sip_list(row.value);
    while (row.header == SIP_HEADER_IDENTITY && count < PASSPORTS_MAX &&
           sip_list_next(&values, &value))
      if (value.len > 0)
        ret_values[count++] = value;
  }
  return count;
}

/* Takes a number that is followed by `mark`. */
static bool take_number(Slice *rest, char mark, uint32_t *ret_number)
{
  return slice_to_u32(slice_cut(rest, mark), ret_number) && *ret_number <= 9999;
}

bool sip_date_parse(Slice value, int64_t *ret_s)
{
  static const char *const MONTHS[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  uint32_t day, year, hour, minute, second;
  size_t month = 0;

  slice_cut(&value, ',');
  value = slice_trim(value);
  if (!take_number(&value, ' ', &day))
    return false;
  Slice name = slice_cut(&value, ' ');
  while (month < G_N_ELEMENTS(MONTHS) && !slice_eq_nocase(name, slice_from_string(MONTHS[month])))
    month++;
  if (!take_number(&value, ' ', &year) || !take_number(&value, ':', &hour) ||
      !take_number(&value, ':', &minute) || !take_number(&value, ' ', &second))
    return false;
  g_autoptr(GDateTime) date = g_date_time_new_utc((int) year, (int) month + 1, (int) day,
                                                  (int) hour, (int) minute, (int) second);
  if (!date)
    return false;
  *ret_s = g_date_time_to_unix(date);
  return true;
}

/* --- Numbers ---------------------------------------------------------------------------------- */

Slice passport_number(Arena *arena, Slice text)
{
  enum { NUMBER_MAX = 64 };
  char number[NUMBER_MAX];
  size_t len = 0;

  text = slice_head(text, slice_find(text, ';'));
  if (slice_starts_with(text, SLICE("+")))
    text = slice_from(text, 1);
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (memchr("-.()", c, 4))
      continue;
    if ((!g_ascii_isdigit(c) && c != '*' && c != '#') || len == NUMBER_MAX)
      return SLICE_NONE;
    number[len++] = c;
  }
  return len > 0 ? arena_dup(arena, slice_of(number, len)) : SLICE_NONE;
}

/* --- base64url (RFC 4648 5) ------------------------------------------------------------------- */

/* The bytes; absent if the text is not in it.  "=" at the end are not expected, but do no harm. */
static Slice decode_base64url(Arena *arena, Slice text)
{
  g_autoptr(GString) base64 = g_string_sized_new(text.len + 4);
  gsize len = 0;

  while (text.len > 0 && text.data[text.len - 1] == '=')
    text.len--;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (!g_ascii_isalnum(c) && c != '-' && c != '_')
      return SLICE_NONE;
    g_string_append_c(base64, c == '-' ? '+' : c == '_' ? '/' : c);
  }
  if (text.len == 0 || text.len % 4 == 1)
    return SLICE_NONE;
  g_string_append(base64, text.len % 4 == 2 ? "==" : text.len % 4 == 3 ? "=" : "");
  g_base64_decode_inplace(base64->str, &len);
  return arena_dup(arena, slice_of(base64->str, len));
}

static void append_base64url(GString *to, const GString *bytes)
{
  g_autofree char *base64 = g_base64_encode((const guchar *) bytes->str, bytes->len);

  for (const char *c = base64; *c && *c != '='; c++)
    g_string_append_c(to, *c == '+' ? '-' : *c == '/' ? '_' : *c);
}

/* --- Header and claims (RFC 8225 4, 5) -------------------------------------------------------- */

/* Where a text value is kept: of the outermost object, or of an object in it. */
static Slice *place_of(Passport *passport, Slice object, Slice name)
{
  const struct {
    const char *object, *name;
    Slice *place;
  } PLACES[] = {
    {"", "alg", &passport->alg},       {"", "typ", &passport->typ},
    {"", "ppt", &passport->ppt},       {"", "x5u", &passport->x5u},
    {"", "attest", &passport->attest}, {"", "origid", &passport->origid},
    {"orig", "tn", &passport->orig},   {"orig", "uri", &passport->orig},
    {"div", "tn", &passport->div},     {"div", "uri", &passport->div},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(PLACES); i++)
    if (slice_eq(object, slice_from_string(PLACES[i].object)) &&
        slice_eq(name, slice_from_string(PLACES[i].name)))
      return PLACES[i].place;
  return NULL;
}

static void read_item(Arena *arena, Passport *passport, const JsonItem *item, Slice object)
{
  bool is_dest = slice_eq(object, SLICE("dest"));
  Slice *place = place_of(passport, object, item->name);

  if (is_dest && item->kind == JSON_STRING && passport->dest_count < PASSPORT_NUMBERS_MAX)
    passport->dest[passport->dest_count++] = json_unescape(arena, item->value);
  if (place && !place->data && item->kind == JSON_STRING)
    *place = json_unescape(arena, item->value);
  uint64_t iat;
  if (object.len == 0 && slice_eq(item->name, SLICE("iat")) && item->kind == JSON_NUMBER &&
      slice_to_u64(item->value, &iat) && iat <= (uint64_t) INT64_MAX / 1000000000) {
    passport->has_iat = true;
    passport->iat_s = (int64_t) iat;
  }
}

/* Both objects are read alike: their names differ. */
static bool read_json(Arena *arena, Passport *passport, Slice text)
{
  JsonReader reader = json_reader_of(text);
  Slice object = SLICE("");
  JsonItem item;

  while (json_reader_next(&reader, &item)) {
    bool begins = item.kind == JSON_OBJECT || item.kind == JSON_ARRAY;
    if (begins && reader.depth == 2)
      object = item.name;
    else if (item.kind == JSON_END && reader.depth == 1)
      object = SLICE("");
    else if (!begins && item.kind != JSON_END)
      read_item(arena, passport, &item, object);
  }
  return !reader.fault && slice_starts_with(slice_trim(text), SLICE("{"));
}

/* --- The compact form (RFC 8224 7) ------------------------------------------------------------ */

static void append_party(GString *to, Arena *arena, Slice value, bool in_array)
{
  Slice uri = sip_addr_parse(value).uri;
  Slice number = passport_number(arena, sip_uri_user(uri));
  Slice text = number.data ? number : uri;

  g_string_append_printf(to, "{\"%s\":%s\"%.*s\"%s}", number.data ? "tn" : "uri",
                         in_array ? "[" : "", SLICE_ARG(text), in_array ? "]" : "");
}

/* What the sender must have signed: canonical JSON (RFC 8225 9) of the message. */
static void rebuild(Arena *arena, const SipMsg *msg, Passport *passport)
{
  g_autoptr(GString) header = g_string_new(NULL), claims = g_string_new(NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  SipHeaderRow date;

  if (passport->ppt.len > 0 && !slice_eq(passport->ppt, SLICE("none"))) {
    passport->fault = N_("the compact form of an extension, which the message does not tell");
    return;
  }
  if (!sip_msg_find(msg, SIP_HEADER_DATE, &date) || !sip_date_parse(date.value, &passport->iat_s)) {
    passport->fault = N_("the compact form needs a Date");
    return;
  }
  passport->has_iat = true;
  g_string_printf(header, "{\"alg\":\"%.*s\",\"typ\":\"passport\",\"x5u\":\"%.*s\"}",
                  SLICE_ARG(passport->alg), SLICE_ARG(passport->x5u));
  g_string_append(claims, "{\"dest\":");
  append_party(claims, arena, msg->to, true);
  g_string_append_printf(claims, ",\"iat\":%" G_GINT64_FORMAT ",\"orig\":", passport->iat_s);
  append_party(claims, arena, msg->from, false);
  g_string_append_c(claims, '}');
  append_base64url(text, header);
  g_string_append_c(text, '.');
  append_base64url(text, claims);
  passport->signed_text = arena_dup(arena, slice_of(text->str, text->len));
  read_json(arena, passport, arena_dup(arena, slice_of(claims->str, claims->len)));
}

/* --- Both forms ------------------------------------------------------------------------------- */

static void read_params(Arena *arena, Passport *passport)
{
  Slice value;

  if (sip_param_find(passport->params, SLICE("info"), &value)) {
    passport->info = slice_trim(value);
    if (slice_starts_with(passport->info, SLICE("<")))
      passport->info = slice_from(slice_head(value, slice_find(value, '>')), 1);
  }
  if (!passport->is_compact)
    return;
  passport->typ = SLICE("passport");
  passport->x5u = passport->info;
  passport->alg = sip_param_find(passport->params, SLICE("alg"), &value)
                    ? sip_unquote(arena, slice_trim(value))
                    : SLICE("ES256");
  if (sip_param_find(passport->params, SLICE("ppt"), &value))
    passport->ppt = sip_unquote(arena, slice_trim(value));
}

static void read_full(Arena *arena, Passport *passport, Slice token)
{
  Slice rest = token, header = slice_cut(&rest, '.'), claims = slice_cut(&rest, '.');
  Slice header_json = decode_base64url(arena, header),
        claims_json = decode_base64url(arena, claims);

  passport->signed_text = slice_head(token, header.len + 1 + claims.len);
  if (!header_json.data || !claims_json.data) {
    passport->fault = N_("not in base64url");
    return;
  }
  bool has_header = read_json(arena, passport, header_json);
  bool has_claims = read_json(arena, passport, claims_json);
  passport->is_full = has_header && has_claims;
  if (!passport->is_full)
    passport->fault = has_header ? N_("the claims are not JSON") : N_("the header is not JSON");
}

void passport_parse(Arena *arena, const SipMsg *msg, Slice value, Passport *ret_passport)
{
  Passport passport = {.params = value};
  Slice token = slice_trim(sip_cut_params(&passport.params)), rest = token;

  for (unsigned i = 0; i < 2; i++)
    slice_cut(&rest, '.');
  passport.is_compact = slice_starts_with(token, SLICE(".."));
  read_params(arena, &passport);
  if (value.len > PASSPORT_LEN_MAX)
    passport.fault = N_("longer than 16 KiB");
  else if (rest.len == 0)
    passport.fault = N_("not three parts with dots between them");
  else if (passport.is_compact)
    rebuild(arena, msg, &passport);
  else
    read_full(arena, &passport, token);
  if (!passport.fault) {
    passport.signature = decode_base64url(arena, rest);
    if (!passport.signature.data)
      passport.fault = N_("the signature is not in base64url");
    else if (!passport.has_iat || !passport.orig.data || passport.dest_count == 0)
      passport.fault = N_("orig, dest or iat is missing");
  }
  *ret_passport = passport;
}
