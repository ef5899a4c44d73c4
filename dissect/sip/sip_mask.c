#include "dissect/sip/sip_mask.h"

#include "dissect/sip/sip_msg.h"
#include "dissect/sip/sip_start.h"

/* What is done with the value of a header field. */
typedef enum {
  TREAT_AS_ADDRESS, /* names of parameters stay: what the table does not name */
  TREAT_AS_PLAIN,   /* names nobody: stays */
  TREAT_AS_PROSE,
  TREAT_AS_AGENT, /* prose, unless user agents are to be replaced */
  TREAT_AS_WORDS, /* everything is replaced */
  TREAT_AS_VIA,
  TREAT_AS_CREDENTIALS, /* a scheme, and parameters */
  TREAT_AS_DIALOG,      /* a Call-ID, and parameters */
} Treatment;

static const uint8_t TREATMENTS[SIP_HEADER_COUNT] = {
#define PLAIN(header) [SIP_HEADER_##header] = TREAT_AS_PLAIN
#define PROSE(header) [SIP_HEADER_##header] = TREAT_AS_PROSE
#define WORDS(header) [SIP_HEADER_##header] = TREAT_AS_WORDS
#define CREDENTIALS(header) [SIP_HEADER_##header] = TREAT_AS_CREDENTIALS
#define DIALOG(header) [SIP_HEADER_##header] = TREAT_AS_DIALOG
  [SIP_HEADER_VIA] = TREAT_AS_VIA,
  [SIP_HEADER_USER_AGENT] = TREAT_AS_AGENT,
  [SIP_HEADER_SERVER] = TREAT_AS_AGENT,
  PLAIN(CSEQ),
  PLAIN(MAX_FORWARDS),
  PLAIN(CONTENT_LENGTH),
  PLAIN(CONTENT_TYPE),
  PLAIN(ACCEPT),
  PLAIN(ACCEPT_ENCODING),
  PLAIN(ACCEPT_LANGUAGE),
  PLAIN(ALLOW),
  PLAIN(CONTENT_DISPOSITION),
  PLAIN(CONTENT_ENCODING),
  PLAIN(CONTENT_LANGUAGE),
  PLAIN(CONTENT_TRANSFER_ENCODING),
  PLAIN(DATE),
  PLAIN(EXPIRES),
  PLAIN(MIN_EXPIRES),
  PLAIN(MIME_VERSION),
  PLAIN(PRIORITY),
  PLAIN(PROXY_REQUIRE),
  PLAIN(REQUIRE),
  PLAIN(SUPPORTED),
  PLAIN(TIMESTAMP),
  PLAIN(UNSUPPORTED),
  PLAIN(ALLOW_EVENTS),
  PLAIN(MIN_SE),
  PLAIN(PRIVACY),
  PLAIN(RACK),
  PLAIN(RSEQ),
  PLAIN(SESSION_EXPIRES),
  PLAIN(SUBSCRIPTION_STATE),
  PLAIN(ACCEPT_RESOURCE_PRIORITY),
  PLAIN(RESOURCE_PRIORITY),
  PLAIN(ANSWER_MODE),
  PLAIN(PRIV_ANSWER_MODE),
  PLAIN(FLOW_TIMER),
  PLAIN(INFO_PACKAGE),
  PLAIN(RECV_INFO),
  PLAIN(MAX_BREADTH),
  PLAIN(P_ANSWER_STATE),
  PLAIN(P_EARLY_MEDIA),
  PLAIN(P_ASSERTED_SERVICE),
  PLAIN(P_PREFERRED_SERVICE),
  PLAIN(REFER_SUB),
  PLAIN(REQUEST_DISPOSITION),
  PLAIN(FEATURE_CAPS),
  PLAIN(GEOLOCATION_ROUTING),
  PLAIN(ATTESTATION_INFO),
  PLAIN(X_GB_VER),
  PROSE(REASON),
  PROSE(WARNING),
  PROSE(RETRY_AFTER),
  WORDS(CALL_ID),
  WORDS(IN_REPLY_TO),
  WORDS(IDENTITY),
  WORDS(ORGANIZATION),
  WORDS(SUBJECT),
  WORDS(SIP_ETAG),
  WORDS(SIP_IF_MATCH),
  WORDS(SUPPRESS_IF_MATCH),
  WORDS(USER_TO_USER),
  WORDS(NOTE),
  WORDS(P_MEDIA_AUTHORIZATION),
  WORDS(P_PRIVATE_NETWORK_INDICATION),
  WORDS(P_VISITED_NETWORK_ID),
  WORDS(X_PREFERRED_PATH),
  WORDS(X_ROUTE_PATH),
  WORDS(ORIGINATION_ID),
  WORDS(OTHER),
  CREDENTIALS(AUTHORIZATION),
  CREDENTIALS(PROXY_AUTHORIZATION),
  CREDENTIALS(PROXY_AUTHENTICATE),
  CREDENTIALS(WWW_AUTHENTICATE),
  CREDENTIALS(P_ACCESS_NETWORK_INFO),
  CREDENTIALS(CELLULAR_NETWORK_INFO),
  CREDENTIALS(SECURITY_CLIENT),
  CREDENTIALS(SECURITY_SERVER),
  CREDENTIALS(SECURITY_VERIFY),
  CREDENTIALS(EVENT),
  DIALOG(REPLACES),
  DIALOG(JOIN),
  DIALOG(TARGET_DIALOG),
#undef PLAIN
#undef PROSE
#undef WORDS
#undef CREDENTIALS
#undef DIALOG
};

/* Parameters from the beginning, with commas between them. */
static bool begins_with_parameter(SipHeader header)
{
  return header == SIP_HEADER_P_CHARGING_VECTOR || header == SIP_HEADER_AUTHENTICATION_INFO;
}

static unsigned rules_of(SipHeader header, SipMaskOptions options)
{
  static const unsigned RULES[] = {
    [TREAT_AS_ADDRESS] = MASK_NAMES,
    [TREAT_AS_PROSE] = MASK_PROSE,
    [TREAT_AS_AGENT] = MASK_PROSE | MASK_SOFTWARE,
    [TREAT_AS_WORDS] = 0,
    [TREAT_AS_VIA] = MASK_NAMES | MASK_PROTOCOL,
    [TREAT_AS_CREDENTIALS] = MASK_NAMES | MASK_FIRST_WORD,
    [TREAT_AS_DIALOG] = MASK_NAMES | MASK_CALL_ID,
  };
  uint8_t treatment = TREATMENTS[header];

  if (treatment == TREAT_AS_AGENT && options.user_agents)
    return 0;
  return RULES[treatment] | (begins_with_parameter(header) ? MASK_PARAMETERS : 0U);
}

Slice mask_rows(Pseudonyms *pseudonyms, SipMaskOptions options, char *text, size_t len)
{
  SipHeaderIter rows = {slice_of(text, len)};
  Slice type = SLICE_NONE;
  SipHeaderRow row;

  while (sip_header_next(&rows, &row)) {
    if (row.header == SIP_HEADER_CONTENT_TYPE && !type.data)
      type = row.value;
    if (row.value.len == 0 || (row.name.data && TREATMENTS[row.header] == TREAT_AS_PLAIN))
      continue;
    mask_text(pseudonyms, text + (row.value.data - text), row.value.len,
              row.name.data ? rules_of(row.header, options) : 0);
  }
  return type;
}

void mask_start_line(Pseudonyms *pseudonyms, char *line, size_t len, bool cut)
{
  SipStart start;

  if (!sip_start_parse(slice_of(line, len), cut, &start))
    mask_text(pseudonyms, line, len, 0);
  else if (start.is_request && start.uri.len > 0)
    mask_text(pseudonyms, line + (start.uri.data - line), start.uri.len, MASK_NAMES);
  else if (!start.is_request && start.reason.len > 0)
    mask_text(pseudonyms, line + (start.reason.data - line), start.reason.len, MASK_PROSE);
}

bool sip_mask_message(Pseudonyms *pseudonyms, SipMaskOptions options, uint8_t *bytes, size_t len)
{
  char *text = (char *) bytes;
  SipMsg msg;

  if (sip_msg_parse(slice_of(text, len), false, &msg) == SIP_BAD)
    return false;
  char *start = text + (msg.start_line.data - text);
  char *end = text + len, *body = text + (msg.raw.data - text) + msg.header_len;
  char *rows = start + msg.start_line.len;
  while (rows < body && (*rows == '\r' || *rows == '\n')) /* not those of the empty line */
    if (*rows++ == '\n')
      break;
  bool is_encoded = msg.content_encoding.data != NULL;
  bool cut = !memchr(start, '\n', (size_t) (end - start));
  Slice type = mask_rows(pseudonyms, options, rows, (size_t) (body - rows));
  /* After the rows, whose names may be in a reason. */
  mask_start_line(pseudonyms, start, msg.start_line.len, cut);
  if (is_encoded)
    mask_blank(body, msg.body.len);
  else
    mask_body(pseudonyms, type, body, msg.body.len, 0);
  mask_blank(body + msg.body.len, (size_t) (end - body) - msg.body.len);
  return true;
}
