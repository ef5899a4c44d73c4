#include "dissect/sip/sip_plain.h"

#include <glib.h>

#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_values.h"

/* Sixteen bytes at once: lists are long, and every message has some. */
typedef char Block __attribute__((vector_size(16)));

static Block block_at(const char *at)
{
  Block block;

  memcpy(&block, at, sizeof block);
  return block;
}

/* Not zero where one of these bytes, or the one after it, shows a gap or a fold. */
static Block gaps_in(const char *at)
{
  Block here = block_at(at), next = block_at(at + 1);

  return (((here == ',') | (here == ' ')) & (next == ',')) | (here == '\n') | (here == '\t');
}

bool sip_list_may_have_gap(Slice list)
{
  Block found = {0};
  size_t i = 0;

  if (list.len > 0 && (list.data[0] == ',' || list.data[list.len - 1] == ','))
    return true;
  for (; i + sizeof(Block) < list.len; i += sizeof(Block))
    found |= gaps_in(list.data + i);
  if (list.len > sizeof(Block)) /* the rest, with some before it */
    found |= gaps_in(list.data + list.len - sizeof(Block) - 1);
  else
    for (; i + 1 < list.len; i++)
      if (sip_char_is(list.data[i], SIP_CHAR_BLANK) || list.data[i] == ',')
        if (list.data[i + 1] == ',' || list.data[i] == '\n' || list.data[i] == '\t')
          return true;
  uint64_t halves[2];
  memcpy(halves, &found, sizeof found);
  return (halves[0] | halves[1]) != 0;
}

enum { PARAMS_MAX = 8, CREDENTIALS_MAX = 16 }; /* parameters in the usual form */

static bool is_new_name(const Slice *names, unsigned count, Slice name)
{
  for (unsigned i = 0; i < count; i++)
    if (slice_eq_nocase(names[i], name))
      return false;
  return true;
}

/* Tokens with or without a value that is one, too: nearly all parameters are.  The tag is one. */
static bool are_token_params(Slice params, Slice *ret_tag)
{
  Slice names[PARAMS_MAX];
  size_t at = 0;

  *ret_tag = SLICE_NONE;
  for (unsigned count = 0; count < PARAMS_MAX; count++) {
    Slice rest = slice_from(params, at);
    size_t name = sip_span(rest, SIP_CHAR_TOKEN), len = name;
    names[count] = slice_head(rest, name);
    if (name < rest.len && rest.data[name] == '=') {
      Slice value = slice_from(rest, name + 1);
      size_t end = sip_span(value, SIP_CHAR_TOKEN);
      if (end == 0)
        return false;
      len = name + 1 + end;
      if (name == 3 && sip_starts(rest, SLICE("tag")))
        *ret_tag = slice_head(value, end);
    }
    if (name == 0 || !is_new_name(names, count, names[count]))
      return false;
    if (len == rest.len)
      return true;
    if (rest.data[len] != ';')
      return false;
    at += len + 1;
  }
  return false;
}

/* Names that occur once, and values without white space. */
static bool are_plain_params(Slice params)
{
  Slice names[PARAMS_MAX], tag;
  unsigned count = 0;
  SipParam param;

  if (are_token_params(params, &tag))
    return true;
  if (params.len == 0 || params.data[params.len - 1] == ';')
    return false;
  while (sip_param_next(&params, &param)) {
    if (param.name.len == 0 || param.extra.data || count == PARAMS_MAX ||
        !is_new_name(names, count, param.name))
      return false;
    names[count++] = param.name;
  }
  return true;
}

/* Length of the host at the start: a name or an address, an IPv6 one in []. */
static size_t host_len(Slice text)
{
  size_t len = 0;

  if (text.len > 0 && text.data[0] == '[') {
    for (len = 1; len < text.len && (g_ascii_isxdigit(text.data[len]) || text.data[len] == ':');)
      len++;
    return len > 1 && len < text.len && text.data[len] == ']' ? len + 1 : 0;
  }
  return sip_span(text, SIP_CHAR_HOST);
}

/* What is wrong with the characters of a user is no error: see check_uri. */
bool sip_uri_is_plain(Slice uri)
{
  uint16_t port;

  if (uri.len < 4 || memcmp(uri.data, "sip:", 4) != 0)
    return sip_starts(uri, SLICE("tel:"));
  uri = slice_from(uri, 4);
  const char *at = memchr(uri.data, '@', uri.len);
  if (at)
    uri = slice_from(uri, (size_t) (at - uri.data) + 1);

  size_t host = host_len(uri);
  uri = slice_from(uri, host);
  if (host == 0 || uri.len == 0)
    return host > 0;
  if (uri.data[0] == ':') {
    size_t digits = sip_span(slice_from(uri, 1), SIP_CHAR_DIGIT);
    if (!slice_to_u16(slice_head(slice_from(uri, 1), digits), &port))
      return false;
    uri = slice_from(uri, digits + 1);
  }
  return uri.len == 0 || (uri.data[0] == ';' && are_plain_params(slice_from(uri, 1)));
}

/* The parameters of an address: a URI in <>, maybe after a display name.  Absent without any. */
static bool plain_addr_params(Slice value, Slice *ret_params)
{
  size_t angle = value.len > 0 && value.data[0] == '"'
                   ? sip_quoted_len(value)
                   : sip_span(value, SIP_CHAR_TOKEN | SIP_CHAR_BLANK);

  while (angle < value.len && sip_char_is(value.data[angle], SIP_CHAR_BLANK))
    angle++;
  if (angle == value.len || value.data[angle] != '<')
    return false;
  Slice rest = slice_from(value, angle + 1);
  size_t close = slice_find(rest, '>');
  if (close == rest.len || close == 0 || sip_char_is(rest.data[close - 1], SIP_CHAR_BLANK) ||
      !sip_uri_is_plain(slice_head(rest, close)))
    return false;
  rest = slice_from(rest, close + 1);
  *ret_params = rest.len == 0 ? SLICE_NONE : slice_from(rest, 1);
  return rest.len == 0 || rest.data[0] == ';';
}

bool sip_addr_is_plain(Slice value, Slice *ret_tag)
{
  Slice params;

  if (!plain_addr_params(value, &params))
    return false;
  *ret_tag = SLICE_NONE;
  return !params.data || are_token_params(params, ret_tag);
}

static bool is_plain_addr(Slice value)
{
  Slice params;

  return plain_addr_params(value, &params) && (!params.data || are_plain_params(params));
}

static bool is_plain_addr_list(Slice value)
{
  SipListIter iter = sip_list(value);
  Slice addr;

  if (slice_find(value, ',') == value.len) /* nearly always */
    return is_plain_addr(value);
  while (sip_list_next(&iter, &addr))
    if (!is_plain_addr(addr))
      return false;
  return true;
}

static bool is_plain_hops(Slice value)
{
  uint32_t hops;

  return slice_to_u32(value, &hops) && hops <= 255;
}

static bool is_plain_parameterized(Slice value)
{
  size_t at = slice_find(value, ';');

  return at == value.len || are_plain_params(slice_from(value, at + 1));
}

/* A scheme, and parameters with commas between them, whose values are tokens or quoted strings. */
static bool is_plain_credentials(Slice value)
{
  Slice names[CREDENTIALS_MAX], rest = value;

  (void) sip_take_token(&rest);
  for (unsigned count = 0; count < CREDENTIALS_MAX; count++) {
    names[count] = sip_take_token(&rest);
    if (names[count].len == 0 || rest.len == 0 || rest.data[0] != '=' ||
        !is_new_name(names, count, names[count]))
      return false;
    rest = slice_from(rest, 1);
    size_t quoted = sip_quoted_len(rest),
           len = quoted > 0 ? quoted : sip_span(rest, SIP_CHAR_TOKEN);
    rest = slice_from(rest, len);
    if (len == 0 || rest.len == 0)
      return len > 0;
    if (rest.data[0] != ',')
      return false;
    rest = slice_from(rest, 1);
  }
  return false;
}

static bool is_plain_rack(Slice value)
{
  SipRack rack;

  return sip_rack_parse(value, &rack);
}

/* The header fields whose values sip_check reads for errors; those of lists take no empty value.
 * sip_msg_parse itself reads each Via, From and To. */
static bool (*const VALUE_IS_PLAIN[SIP_HEADER_COUNT])(Slice value) = {
  [SIP_HEADER_AUTHORIZATION] = is_plain_credentials,
  [SIP_HEADER_CONTACT] = is_plain_addr_list,
  [SIP_HEADER_CONTENT_DISPOSITION] = is_plain_parameterized,
  [SIP_HEADER_CONTENT_TYPE] = is_plain_parameterized,
  [SIP_HEADER_DIVERSION] = is_plain_addr_list,
  [SIP_HEADER_EVENT] = is_plain_parameterized,
  [SIP_HEADER_HISTORY_INFO] = is_plain_addr_list,
  [SIP_HEADER_MAX_FORWARDS] = is_plain_hops,
  [SIP_HEADER_P_ASSERTED_IDENTITY] = is_plain_addr_list,
  [SIP_HEADER_P_PREFERRED_IDENTITY] = is_plain_addr_list,
  [SIP_HEADER_PATH] = is_plain_addr_list,
  [SIP_HEADER_PROXY_AUTHENTICATE] = is_plain_credentials,
  [SIP_HEADER_PROXY_AUTHORIZATION] = is_plain_credentials,
  [SIP_HEADER_RACK] = is_plain_rack,
  [SIP_HEADER_RECORD_ROUTE] = is_plain_addr_list,
  [SIP_HEADER_REFER_TO] = is_plain_addr,
  [SIP_HEADER_REFERRED_BY] = is_plain_addr,
  [SIP_HEADER_REMOTE_PARTY_ID] = is_plain_addr_list,
  [SIP_HEADER_REPLY_TO] = is_plain_addr,
  [SIP_HEADER_ROUTE] = is_plain_addr_list,
  [SIP_HEADER_SERVICE_ROUTE] = is_plain_addr_list,
  [SIP_HEADER_SESSION_EXPIRES] = is_plain_parameterized,
  [SIP_HEADER_SUBSCRIPTION_STATE] = is_plain_parameterized,
  [SIP_HEADER_WWW_AUTHENTICATE] = is_plain_credentials,
};

bool sip_row_is_plain(const SipHeaderRow *row, bool again)
{
  const SipHeaderInfo *info = sip_header_info(row->header);

  if (!info)
    return sip_is_token(row->name);
  if (again && info->shape == SIP_HEADER_ONCE)
    return false;
  if (VALUE_IS_PLAIN[row->header])
    return VALUE_IS_PLAIN[row->header](row->value);
  return info->shape != SIP_HEADER_LIST || row->header == SIP_HEADER_VIA ||
         !sip_list_may_have_gap(row->value);
}
