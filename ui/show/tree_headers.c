/*
 * The header fields of a MessageTree: a row with one value has its parts below it, a row with
 * several has a node for each value.
 */
#include "capture/language.h"
#include "dissect/sip/passport.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_values.h"
#include "ui/show/tree_build.h"

static Slice number_text(TreeBuilder *tree, uint64_t number)
{
  char text[TIME_TEXT_MAX];

  return arena_dup(tree->arena, slice_of(text, number_format(number, text)));
}

/* --- URIs --- */

/* The digits after the host's colon. */
static Slice port_octets(const SipUri *uri)
{
  Slice after = slice_from(uri->opaque, octets_of(uri->opaque, uri->host).offset + uri->host.len);
  size_t len = 1;

  while (len < after.len && g_ascii_isdigit(after.data[len]))
    len++;
  return slice_from(slice_head(after, len), 1);
}

static void put_uri_parts(TreeBuilder *tree, const SipUri *uri)
{
  Slice plain = sip_unescape(tree->arena, uri->user); /* the same bytes, if nothing is escaped */

  tree_put_part(tree, "scheme", uri->scheme);
  if (uri->user.data)
    tree_put(tree, &(TreeItem){.name = slice_from_string(_("user")),
                               .value = uri->user,
                               .note = plain.data != uri->user.data ? plain : SLICE_NONE,
                               .kind = TREE_PART});
  if (uri->password.data)
    tree_put(tree, &(TreeItem){.name = slice_from_string(_("password")),
                               .value = uri->password,
                               .kind = TREE_DETAIL,
                               .style = STYLE_WARNING});
  if (uri->host.len > 0)
    tree_put_part(tree, "host", uri->host);
  if (uri->port != 0)
    tree_put(tree, &(TreeItem){.name = slice_from_string(_("port")),
                               .value = number_text(tree, uri->port),
                               .octets = port_octets(uri),
                               .kind = TREE_PART});
  tree_put_params(tree, uri->params, TREE_DETAIL);
  /* "name=value&name=value" after the ? of a URI. */
  Slice headers = uri->headers;
  while (headers.len > 0 && !tree->cut) {
    Slice header = slice_cut(&headers, '&');
    Slice value = header, name = slice_cut(&value, '=');
    tree_put(tree, &(TreeItem){.name = name,
                               .value = sip_unescape(tree->arena, value),
                               .octets = header,
                               .note = slice_from_string(_("header")),
                               .kind = TREE_DETAIL});
  }
}

void tree_put_uri(TreeBuilder *tree, const char *name, Slice text)
{
  SipUri uri;

  if (text.len == 0)
    return;
  tree_begin(tree, &(TreeItem){.name = slice_from_string(_(name)),
                               .value = text,
                               .kind = TREE_PART,
                               .style = STYLE_URI});
  if (sip_uri_parse(text, &uri))
    put_uri_parts(tree, &uri);
  tree_end(tree);
}

/* --- values --- */

static void put_addr(TreeBuilder *tree, Slice value)
{
  SipAddr addr = sip_addr_parse(value);

  if (addr.display.len > 0)
    tree_put(tree, &(TreeItem){.name = slice_from_string(_("display name")),
                               .value = sip_unquote(tree->arena, addr.display),
                               .octets = addr.display,
                               .kind = TREE_PART});
  tree_put_uri(tree, "URI", addr.uri);
  tree_put_params(tree, addr.params, TREE_PARAM);
}

static void put_via(TreeBuilder *tree, Slice value)
{
  SipVia via;

  if (!sip_via_parse(value, &via))
    return;
  tree_put_part(tree, "transport", via.transport);
  tree_put_part(tree, "sent-by", via.sent_by);
  tree_put_params(tree, via.params, TREE_PARAM);
}

static void put_cseq(TreeBuilder *tree, Slice value)
{
  SipCseq cseq;

  if (!sip_cseq_parse(value, &cseq))
    return;
  if (cseq.number_fits)
    tree_put(tree, &(TreeItem){.name = slice_from_string(_("number")),
                               .value = number_text(tree, cseq.number),
                               .octets = slice_head(value, slice_find(value, ' ')),
                               .kind = TREE_PART});
  tree_put_part(tree, "method", cseq.method_text);
}

static void put_rack(TreeBuilder *tree, Slice value)
{
  SipRack rack;

  if (!sip_rack_parse(value, &rack))
    return;
  tree_put_part(tree, "response", sip_take_token(&value));
  tree_put_part(tree, "request", sip_take_token(&value));
  tree_put_part(tree, "method", rack.cseq.method_text);
}

/* Scheme and digest parameters (RFC 3261 25.1, RFC 7616 3). */
static void put_credentials(TreeBuilder *tree, Slice value)
{
  SipParam param;

  tree_put_part(tree, "scheme", sip_take_token(&value));
  while (!tree->cut && sip_auth_param_next(&value, &param))
    tree_put(tree, &(TreeItem){.name = param.name,
                               .value = sip_unquote(tree->arena, param.value),
                               .octets = param.value.data ? param.value : param.name,
                               .kind = TREE_PARAM,
                               .style = STYLE_PARAMETER});
}

/* With what the passwords say of them. */
static void put_checked_credentials(TreeBuilder *tree, Slice value)
{
  put_credentials(tree, value);
  DigestState state =
    tree->sip ? verifier_check_digest(tree->verifier, tree->sip, value) : DIGEST_NOT_CHECKED;
  bool is_wrong = state == DIGEST_WRONG || state == DIGEST_WRONG_OR_BODY;

  if (state != DIGEST_NOT_CHECKED)
    tree_put(tree, &(TreeItem){.name = slice_from_string(_("password")),
                               .value = slice_from_string(_(digest_state_name(state))),
                               .note = slice_from_string(_("by --password-file")),
                               .kind = TREE_PART,
                               .style = is_wrong ? STYLE_ERROR : STYLE_SDP});
}

/* A value followed by parameters. */
static void put_words(TreeBuilder *tree, Slice value)
{
  Slice front = sip_cut_params(&value);

  if (!value.data)
    return;
  tree_put_part(tree, "value", slice_trim(front));
  tree_put_params(tree, value, TREE_PARAM);
}

/* --- the parts of one value, by header field --- */

typedef void (*PutValue)(TreeBuilder *tree, Slice value);

static const struct {
  SipHeader header;
  PutValue put;
} KINDS[] = {
  {SIP_HEADER_VIA, put_via},
  {SIP_HEADER_FROM, put_addr},
  {SIP_HEADER_TO, put_addr},
  {SIP_HEADER_CONTACT, put_addr},
  {SIP_HEADER_ROUTE, put_addr},
  {SIP_HEADER_RECORD_ROUTE, put_addr},
  {SIP_HEADER_REFER_TO, put_addr},
  {SIP_HEADER_REFERRED_BY, put_addr},
  {SIP_HEADER_REPLY_TO, put_addr},
  {SIP_HEADER_ALERT_INFO, put_addr},
  {SIP_HEADER_CALL_INFO, put_addr},
  {SIP_HEADER_DIVERSION, put_addr},
  {SIP_HEADER_ERROR_INFO, put_addr},
  {SIP_HEADER_GEOLOCATION, put_addr},
  {SIP_HEADER_HISTORY_INFO, put_addr},
  {SIP_HEADER_P_ASSERTED_IDENTITY, put_addr},
  {SIP_HEADER_P_ASSOCIATED_URI, put_addr},
  {SIP_HEADER_P_CALLED_PARTY_ID, put_addr},
  {SIP_HEADER_P_PREFERRED_IDENTITY, put_addr},
  {SIP_HEADER_P_SERVED_USER, put_addr},
  {SIP_HEADER_PATH, put_addr},
  {SIP_HEADER_REMOTE_PARTY_ID, put_addr},
  {SIP_HEADER_SERVICE_ROUTE, put_addr},
  {SIP_HEADER_CSEQ, put_cseq},
  {SIP_HEADER_RACK, put_rack},
  {SIP_HEADER_AUTHENTICATION_INFO, put_credentials},
  {SIP_HEADER_AUTHORIZATION, put_checked_credentials},
  {SIP_HEADER_PROXY_AUTHENTICATE, put_credentials},
  {SIP_HEADER_PROXY_AUTHORIZATION, put_checked_credentials},
  {SIP_HEADER_WWW_AUTHENTICATE, put_credentials},
  {SIP_HEADER_IDENTITY, tree_put_identity},
  {SIP_HEADER_NOTE, put_credentials}, /* GB/T 28181-2022 8.3: a digest of the message */
  {SIP_HEADER_SUBJECT, tree_put_gb_subject},
  {SIP_HEADER_CONTENT_DISPOSITION, put_words},
  {SIP_HEADER_CONTENT_TYPE, put_words},
  {SIP_HEADER_EVENT, put_words},
  {SIP_HEADER_JOIN, put_words},
  {SIP_HEADER_MIN_SE, put_words},
  {SIP_HEADER_P_CHARGING_VECTOR, put_words},
  {SIP_HEADER_REPLACES, put_words},
  {SIP_HEADER_RETRY_AFTER, put_words},
  {SIP_HEADER_SESSION_EXPIRES, put_words},
  {SIP_HEADER_SESSION_ID, put_words},
  {SIP_HEADER_SUBSCRIPTION_STATE, put_words},
  {SIP_HEADER_TARGET_DIALOG, put_words},
};

static void put_header_value(TreeBuilder *tree, SipHeader header, Slice value)
{
  const SipHeaderInfo *info = sip_header_info(header);
  size_t i = 0;

  while (i < G_N_ELEMENTS(KINDS) && KINDS[i].header != header)
    i++;
  if (i < G_N_ELEMENTS(KINDS))
    KINDS[i].put(tree, value);
  else if (info && info->shape == SIP_HEADER_LIST)
    put_words(tree, value);
}

/* --- Date (RFC 3261 20.17): a wrong clock breaks certificates, digests and logs --- */

enum { SAME_S = 1 };

/* GB/T 28181-2022 9.10: local time, that of Beijing. */
static bool parse_local_date(Slice value, int64_t *ret_date_s)
{
  g_autoptr(GTimeZone) beijing = g_time_zone_new_offset(8 * 3600);
  g_autofree char *text = slice_dup(slice_head(value, 40));
  g_autoptr(GDateTime) date = g_date_time_new_from_iso8601(text, beijing);

  if (!date)
    return false;
  *ret_date_s = g_date_time_to_unix(date);
  return true;
}

/* How far a Date is from the capture time; absent when one of them is unknown. */
static Slice date_note(TreeBuilder *tree, Slice value)
{
  char text[TIME_TEXT_MAX];
  int64_t date_s;

  if (tree->time_ns == TIME_NONE ||
      (!sip_date_parse(value, &date_s) && !parse_local_date(value, &date_s)))
    return SLICE_NONE;
  int64_t apart_s = date_s - tree->time_ns / SECOND_NS;
  if (ABS(apart_s) <= SAME_S)
    return slice_from_string(_("same as the capture time"));
  int64_t told_s = MIN(ABS(apart_s), INT64_MAX / SECOND_NS);
  duration_format(told_s * SECOND_NS, text);
  return tree_format(tree, "%s%s %s the capture time", told_s < ABS(apart_s) ? _("more than ") : "",
                     text, apart_s > 0 ? _("ahead of") : _("behind"));
}

/* --- rows --- */

/* Is the value a number of seconds? */
static bool is_seconds(SipHeader header)
{
  return header == SIP_HEADER_EXPIRES || header == SIP_HEADER_MIN_EXPIRES ||
         header == SIP_HEADER_SESSION_EXPIRES || header == SIP_HEADER_MIN_SE ||
         header == SIP_HEADER_RETRY_AFTER;
}

/* GB/T 28181-2022 annex I: the edition of the standard. */
static Slice edition_note(Slice value)
{
  static const char *const EDITIONS[][2] = {
    {"1.0", "GB/T 28181-2011"},
    {"1.1", N_("GB/T 28181-2011 with its supplement")},
    {"2.0", "GB/T 28181-2016"},
    {"3.0", "GB/T 28181-2022"},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(EDITIONS); i++)
    if (slice_eq(value, slice_from_string(EDITIONS[i][0])))
      return slice_from_string(EDITIONS[i][1]);
  return SLICE_NONE;
}

/* How far a Date is off, a number of seconds in other units, or the compact name: nodes have the
 * long one (RFC 3261 7.3.3). */
static Slice note_of(TreeBuilder *tree, const SipHeaderRow *row)
{
  const SipHeaderInfo *info = sip_header_info(row->header);
  Slice value = row->value;
  char text[TIME_TEXT_MAX];
  uint32_t seconds;

  if (row->header == SIP_HEADER_DATE)
    return date_note(tree, value);
  if (row->header == SIP_HEADER_X_GB_VER)
    return edition_note(value);
  if (is_seconds(row->header)) {
    if (!slice_to_u32(slice_trim(sip_cut_params(&value)), &seconds) || seconds < 60)
      return SLICE_NONE;
    return arena_dup(tree->arena, slice_from_string(duration_format(seconds * SECOND_NS, text)));
  }
  if (!info || info->compact == 0 || row->name.len != 1)
    return SLICE_NONE;
  return tree_format(tree, "compact: %c", row->name.data[0]);
}

/* One node for each value of the row. */
static void put_values(TreeBuilder *tree, const SipHeaderRow *row)
{
  SipListIter values = sip_list(row->value);
  unsigned number = 1;
  Slice value;

  while (!tree->cut && sip_list_next(&values, &value)) {
    tree_begin(tree, &(TreeItem){.name = tree_format(tree, "%u", number++),
                                 .value = value,
                                 .kind = TREE_VALUE,
                                 .header = row->header});
    put_header_value(tree, row->header, value);
    tree_end(tree);
  }
}

static bool has_several(const SipHeaderRow *row)
{
  const SipHeaderInfo *info = sip_header_info(row->header);
  SipListIter values = sip_list(row->value);
  Slice value;

  return info && info->shape == SIP_HEADER_LIST && sip_list_next(&values, &value) && !values.ended;
}

void tree_put_headers(TreeBuilder *tree, SipHeaderIter *iter)
{
  SipHeaderRow row;

  while (sip_header_next(iter, &row)) {
    const SipHeaderInfo *info = sip_header_info(row.header);

    if (tree->cut)
      continue;
    tree_begin(tree, &(TreeItem){.name = info ? slice_from_string(info->name) : row.name,
                                 .value = row.value,
                                 .note = note_of(tree, &row),
                                 .octets = slice_trim(row.row),
                                 .kind = TREE_HEADER,
                                 .closed = true,
                                 .header = row.header});
    if (has_several(&row))
      put_values(tree, &row);
    else
      put_header_value(tree, row.header, row.value);
    tree_end(tree);
  }
}
