/* Values of header fields taken apart, by what kind of value it is (RFC 3261 20). */
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_values.h"
#include "dissect/sip/sip_via.h"
#include "ui/show/tree_build.h"

static Slice if_any(Slice s)
{
  return s.len > 0 ? s : SLICE_NONE;
}

static Slice number_text(TreeBuilder *tree, uint64_t number)
{
  char text[TIME_TEXT_MAX];

  return arena_dup(tree->arena, slice_of(text, number_format(number, text)));
}

/* --- URIs --- */

/* "name=value&name=value" behind the ? of a URI. */
static void put_uri_headers(TreeBuilder *tree, Slice headers)
{
  while (headers.len > 0 && !tree->cut) {
    Slice header = slice_cut(&headers, '&');
    Slice value = header, name = slice_cut(&value, '=');

    tree_put(tree, &(TreeItem){.name = name,
                               .value = sip_unescape(tree->arena, value),
                               .octets = header,
                               .note = SLICE("header"),
                               .kind = TREE_DETAIL});
  }
}

/* A user whose escapes hide what it is. */
static Slice unescaped_note(TreeBuilder *tree, Slice text)
{
  Slice plain = sip_unescape(tree->arena, text);

  return plain.data != text.data ? plain : SLICE_NONE;
}

/* The digits behind the host's colon. */
static Slice port_octets(const SipUri *uri)
{
  Slice behind = slice_from(uri->opaque, octets_of(uri->opaque, uri->host).offset + uri->host.len);
  size_t len = 1;

  while (len < behind.len && g_ascii_isdigit(behind.data[len]))
    len++;
  return slice_from(slice_head(behind, len), 1);
}

static void put_uri_parts(TreeBuilder *tree, const SipUri *uri)
{
  tree_put_part(tree, "scheme", uri->scheme);
  if (uri->user.data)
    tree_put(tree, &(TreeItem){.name = SLICE("user"),
                               .value = uri->user,
                               .note = unescaped_note(tree, uri->user),
                               .kind = TREE_PART});
  if (uri->password.data)
    tree_put(tree, &(TreeItem){.name = SLICE("password"),
                               .value = uri->password,
                               .kind = TREE_DETAIL,
                               .style = STYLE_WARNING});
  tree_put_part(tree, "host", if_any(uri->host));
  if (uri->port != 0)
    tree_put(tree, &(TreeItem){.name = SLICE("port"),
                               .value = number_text(tree, uri->port),
                               .octets = port_octets(uri),
                               .kind = TREE_PART});
  tree_put_params(tree, uri->params, TREE_DETAIL);
  put_uri_headers(tree, uri->headers);
}

void tree_put_uri(TreeBuilder *tree, const char *name, Slice text)
{
  SipUri uri;

  if (text.len == 0)
    return;
  tree_begin(
    tree, &(TreeItem){
            .name = slice_from_string(name), .value = text, .kind = TREE_PART, .style = STYLE_URI});
  if (sip_uri_parse(text, &uri))
    put_uri_parts(tree, &uri);
  tree_end(tree);
}

/* --- values --- */

static void put_addr(TreeBuilder *tree, Slice value)
{
  SipAddr addr = sip_addr_parse(value);

  if (addr.display.len > 0)
    tree_put(tree, &(TreeItem){.name = SLICE("display name"),
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
    tree_put(tree, &(TreeItem){.name = SLICE("number"),
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

/* Scheme and parameters of the digest (RFC 3261 25.1, RFC 7616 3). */
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

/* A word and parameters behind it. */
static void put_words(TreeBuilder *tree, Slice value)
{
  Slice front = sip_cut_params(&value);

  if (!value.data)
    return;
  tree_put_part(tree, "value", slice_trim(front));
  tree_put_params(tree, value, TREE_PARAM);
}

/* --- which is what --- */

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
  {SIP_HEADER_AUTHORIZATION, put_credentials},
  {SIP_HEADER_PROXY_AUTHENTICATE, put_credentials},
  {SIP_HEADER_PROXY_AUTHORIZATION, put_credentials},
  {SIP_HEADER_WWW_AUTHENTICATE, put_credentials},
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

bool tree_put_value(TreeBuilder *tree, SipHeader header, Slice value)
{
  const SipHeaderInfo *info = sip_header_info(header);
  uint32_t before = tree->nodes->len;
  size_t i = 0;

  while (i < G_N_ELEMENTS(KINDS) && KINDS[i].header != header)
    i++;
  if (i < G_N_ELEMENTS(KINDS))
    KINDS[i].put(tree, value);
  else if (info && info->shape == SIP_HEADER_LIST)
    put_words(tree, value);
  return tree->nodes->len > before;
}
