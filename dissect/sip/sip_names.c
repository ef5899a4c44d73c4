#include "dissect/sip/sip_names.h"

#include <glib.h>

#include "dissect/sip/sip_chars.h"

static const char *const METHOD_NAMES[SIP_METHOD_COUNT] = {
#define METHOD_NAME(name) [SIP_METHOD_##name] = #name,
  SIP_METHODS(METHOD_NAME)
#undef METHOD_NAME
};

SipMethod sip_method_from_slice(Slice name)
{
#define METHOD_MATCH(method)                                                                       \
  if (name.len == sizeof(#method) - 1 && memcmp(name.data, #method, sizeof(#method) - 1) == 0)     \
    return SIP_METHOD_##method;
  SIP_METHODS(METHOD_MATCH)
#undef METHOD_MATCH
  return SIP_METHOD_OTHER;
}

const char *sip_method_name(SipMethod method)
{
  return method < SIP_METHOD_COUNT ? METHOD_NAMES[method] : NULL;
}

/* The IANA registry of response codes, in order. */
static const struct {
  uint16_t status;
  const char *text;
} STATUS_TEXTS[] = {
  {100, "Trying"},
  {180, "Ringing"},
  {181, "Call Is Being Forwarded"},
  {182, "Queued"},
  {183, "Session Progress"},
  {199, "Early Dialog Terminated"},
  {200, "OK"},
  {202, "Accepted"},
  {204, "No Notification"},
  {300, "Multiple Choices"},
  {301, "Moved Permanently"},
  {302, "Moved Temporarily"},
  {305, "Use Proxy"},
  {380, "Alternative Service"},
  {400, "Bad Request"},
  {401, "Unauthorized"},
  {402, "Payment Required"},
  {403, "Forbidden"},
  {404, "Not Found"},
  {405, "Method Not Allowed"},
  {406, "Not Acceptable"},
  {407, "Proxy Authentication Required"},
  {408, "Request Timeout"},
  {410, "Gone"},
  {412, "Conditional Request Failed"},
  {413, "Request Entity Too Large"},
  {414, "Request-URI Too Long"},
  {415, "Unsupported Media Type"},
  {416, "Unsupported URI Scheme"},
  {417, "Unknown Resource-Priority"},
  {420, "Bad Extension"},
  {421, "Extension Required"},
  {422, "Session Interval Too Small"},
  {423, "Interval Too Brief"},
  {424, "Bad Location Information"},
  {425, "Bad Alert Message"},
  {428, "Use Identity Header"},
  {429, "Provide Referrer Identity"},
  {430, "Flow Failed"},
  {433, "Anonymity Disallowed"},
  {436, "Bad Identity Info"},
  {437, "Unsupported Credential"},
  {438, "Invalid Identity Header"},
  {439, "First Hop Lacks Outbound Support"},
  {440, "Max-Breadth Exceeded"},
  {469, "Bad Info Package"},
  {470, "Consent Needed"},
  {480, "Temporarily Unavailable"},
  {481, "Call/Transaction Does Not Exist"},
  {482, "Loop Detected"},
  {483, "Too Many Hops"},
  {484, "Address Incomplete"},
  {485, "Ambiguous"},
  {486, "Busy Here"},
  {487, "Request Terminated"},
  {488, "Not Acceptable Here"},
  {489, "Bad Event"},
  {491, "Request Pending"},
  {493, "Undecipherable"},
  {494, "Security Agreement Required"},
  {500, "Server Internal Error"},
  {501, "Not Implemented"},
  {502, "Bad Gateway"},
  {503, "Service Unavailable"},
  {504, "Server Time-out"},
  {505, "Version Not Supported"},
  {513, "Message Too Large"},
  {555, "Push Notification Service Not Supported"},
  {580, "Precondition Failure"},
  {600, "Busy Everywhere"},
  {603, "Decline"},
  {604, "Does Not Exist Anywhere"},
  {606, "Not Acceptable"},
  {607, "Unwanted"},
  {608, "Rejected"},
};

const char *sip_status_text(unsigned status)
{
  size_t low = 0, high = G_N_ELEMENTS(STATUS_TEXTS);

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (STATUS_TEXTS[middle].status < status)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == G_N_ELEMENTS(STATUS_TEXTS) || STATUS_TEXTS[low].status != status)
    return NULL;
  return STATUS_TEXTS[low].text;
}

static const SipHeaderInfo HEADERS[SIP_HEADER_COUNT] = {
#define SIP_HEADER(id, name, compact, shape, where, rfc)                                           \
  [SIP_HEADER_##id] = {name, compact, SIP_HEADER_##shape, SIP_HEADER_IN_##where, rfc},
#include "dissect/sip/sip_headers.def"
#undef SIP_HEADER
};

/* By 'a' + index; entries from 32 on only keep initializers of headers without one apart. */
static const uint8_t BY_LETTER[32 + SIP_HEADER_COUNT] = {
#define SIP_HEADER(id, name, compact, shape, where, rfc)                                           \
  [(compact) ? (compact) - 'a' : 32 + SIP_HEADER_##id] = SIP_HEADER_##id,
#include "dissect/sip/sip_headers.def"
#undef SIP_HEADER
};

typedef struct {
  const uint8_t *ids;
  size_t count;
} IdList;

#define IDS(...)                                                                                   \
  {                                                                                                \
    (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})                         \
  }

/*
 * The ids by the length of their names: a look-up compares only those.  Commonest first, but for
 * those that sip_msg_parse has found already in their usual spelling.
 */
static const IdList BY_LENGTH[] = {
  [2] = IDS(SIP_HEADER_TO),
  [3] = IDS(SIP_HEADER_VIA),
  [4] = IDS(SIP_HEADER_DATE, SIP_HEADER_FROM, SIP_HEADER_CSEQ, SIP_HEADER_PATH, SIP_HEADER_RACK,
            SIP_HEADER_RSEQ, SIP_HEADER_HIDE, SIP_HEADER_JOIN, SIP_HEADER_NOTE),
  [5] = IDS(SIP_HEADER_ALLOW, SIP_HEADER_ROUTE, SIP_HEADER_EVENT),
  [6] = IDS(SIP_HEADER_SERVER, SIP_HEADER_ACCEPT, SIP_HEADER_MIN_SE, SIP_HEADER_REASON),
  [7] = IDS(SIP_HEADER_EXPIRES, SIP_HEADER_REQUIRE, SIP_HEADER_PRIVACY, SIP_HEADER_SUBJECT,
            SIP_HEADER_WARNING, SIP_HEADER_CALL_ID, SIP_HEADER_CONTACT),
  [8] = IDS(SIP_HEADER_PRIORITY, SIP_HEADER_REPLY_TO, SIP_HEADER_IDENTITY, SIP_HEADER_REFER_TO,
            SIP_HEADER_REPLACES, SIP_HEADER_SIP_ETAG, SIP_HEADER_X_GB_VER),
  [9] = IDS(SIP_HEADER_SUPPORTED, SIP_HEADER_CALL_INFO, SIP_HEADER_TIMESTAMP, SIP_HEADER_DIVERSION,
            SIP_HEADER_POLICY_ID, SIP_HEADER_RECV_INFO, SIP_HEADER_REFER_SUB),
  [10] = IDS(SIP_HEADER_USER_AGENT, SIP_HEADER_SESSION_ID, SIP_HEADER_ALERT_INFO,
             SIP_HEADER_ERROR_INFO, SIP_HEADER_CONTENT_ID, SIP_HEADER_ENCRYPTION,
             SIP_HEADER_FLOW_TIMER, SIP_HEADER_P_DCS_LAES, SIP_HEADER_P_DCS_OSPS),
  [11] = IDS(SIP_HEADER_IN_REPLY_TO, SIP_HEADER_MIN_EXPIRES, SIP_HEADER_RETRY_AFTER,
             SIP_HEADER_UNSUPPORTED, SIP_HEADER_REFERRED_BY, SIP_HEADER_ANSWER_MODE,
             SIP_HEADER_GEOLOCATION, SIP_HEADER_MAX_BREADTH, SIP_HEADER_X_ROUTE_PATH),
  [12] = IDS(SIP_HEADER_RECORD_ROUTE, SIP_HEADER_ALLOW_EVENTS, SIP_HEADER_MAX_FORWARDS,
             SIP_HEADER_CONTENT_TYPE, SIP_HEADER_MIME_VERSION, SIP_HEADER_ORGANIZATION,
             SIP_HEADER_HISTORY_INFO, SIP_HEADER_FEATURE_CAPS, SIP_HEADER_INFO_PACKAGE,
             SIP_HEADER_RESPONSE_KEY, SIP_HEADER_SIP_IF_MATCH, SIP_HEADER_USER_TO_USER),
  [13] = IDS(SIP_HEADER_AUTHORIZATION, SIP_HEADER_PROXY_REQUIRE, SIP_HEADER_SERVICE_ROUTE,
             SIP_HEADER_IDENTITY_INFO, SIP_HEADER_P_CHARGE_INFO, SIP_HEADER_P_EARLY_MEDIA,
             SIP_HEADER_P_PROFILE_KEY, SIP_HEADER_P_SERVED_USER, SIP_HEADER_TARGET_DIALOG),
  [14] = IDS(SIP_HEADER_CONTENT_LENGTH, SIP_HEADER_ACCEPT_CONTACT, SIP_HEADER_ALERTMSG_ERROR,
             SIP_HEADER_ORIGINATION_ID, SIP_HEADER_P_ANSWER_STATE, SIP_HEADER_P_DCS_REDIRECT,
             SIP_HEADER_POLICY_CONTACT, SIP_HEADER_PRIORITY_SHARE, SIP_HEADER_REJECT_CONTACT,
             SIP_HEADER_RELAYED_CHARGE, SIP_HEADER_RESOURCE_SHARE),
  [15] = IDS(SIP_HEADER_SESSION_EXPIRES, SIP_HEADER_REMOTE_PARTY_ID, SIP_HEADER_ACCEPT_ENCODING,
             SIP_HEADER_ACCEPT_LANGUAGE, SIP_HEADER_P_USER_DATABASE, SIP_HEADER_REFER_EVENTS_AT,
             SIP_HEADER_RESPONSE_SOURCE, SIP_HEADER_SECURITY_CLIENT, SIP_HEADER_SECURITY_SERVER,
             SIP_HEADER_SECURITY_VERIFY, SIP_HEADER_TRIGGER_CONSENT, SIP_HEADER_X_PREFERRED_PATH),
  [16] = IDS(SIP_HEADER_WWW_AUTHENTICATE, SIP_HEADER_CONTENT_ENCODING, SIP_HEADER_CONTENT_LANGUAGE,
             SIP_HEADER_ATTESTATION_INFO, SIP_HEADER_P_ASSOCIATED_URI, SIP_HEADER_PRIORITY_VERSTAT,
             SIP_HEADER_PRIV_ANSWER_MODE, SIP_HEADER_RESTORATION_INFO),
  [17] =
    IDS(SIP_HEADER_P_CHARGING_VECTOR, SIP_HEADER_P_CALLED_PARTY_ID, SIP_HEADER_GEOLOCATION_ERROR,
        SIP_HEADER_RESOURCE_PRIORITY, SIP_HEADER_SUPPRESS_IF_MATCH),
  [18] = IDS(SIP_HEADER_PROXY_AUTHENTICATE, SIP_HEADER_SUBSCRIPTION_STATE,
             SIP_HEADER_P_ASSERTED_SERVICE, SIP_HEADER_P_DCS_BILLING_INFO,
             SIP_HEADER_P_REFUSED_URI_LIST, SIP_HEADER_PERMISSION_MISSING),
  [19] = IDS(SIP_HEADER_P_ASSERTED_IDENTITY, SIP_HEADER_PROXY_AUTHORIZATION,
             SIP_HEADER_AUTHENTICATION_INFO, SIP_HEADER_CONTENT_DISPOSITION,
             SIP_HEADER_ADDITIONAL_IDENTITY, SIP_HEADER_GEOLOCATION_ROUTING,
             SIP_HEADER_P_PREFERRED_SERVICE, SIP_HEADER_REQUEST_DISPOSITION),
  [20] = IDS(SIP_HEADER_P_DCS_TRACE_PARTY_ID, SIP_HEADER_P_PREFERRED_IDENTITY,
             SIP_HEADER_P_VISITED_NETWORK_ID),
  [21] = IDS(SIP_HEADER_CELLULAR_NETWORK_INFO, SIP_HEADER_MONITOR_USER_IDENTITY,
             SIP_HEADER_P_ACCESS_NETWORK_INFO, SIP_HEADER_P_MEDIA_AUTHORIZATION,
             SIP_HEADER_SERVICE_INTERACT_INFO),
  [24] = IDS(SIP_HEADER_ACCEPT_RESOURCE_PRIORITY),
  [25] = IDS(SIP_HEADER_CONTENT_TRANSFER_ENCODING),
  [28] = IDS(SIP_HEADER_P_PRIVATE_NETWORK_INDICATION),
  [29] = IDS(SIP_HEADER_P_CHARGING_FUNCTION_ADDRESSES),
};

/*
 * First and last letter tell nearly all names of one length apart; and names are mostly written
 * as the RFC writes them, so that is tried first.
 */
static inline bool name_matches(Slice name, const char *known)
{
  size_t last = name.len - 1;

  if (((name.data[0] ^ known[0]) | (name.data[last] ^ known[last])) & ~0x20)
    return false;
  return memcmp(name.data, known, name.len) == 0 ||
         slice_eq_nocase(name, slice_of(known, name.len));
}

SipHeader sip_header_from_slice(Slice name)
{
  if (name.len == 1) {
    unsigned letter = (unsigned char) sip_lower(name.data[0]) - (unsigned) 'a';
    return letter < 26 ? (SipHeader) BY_LETTER[letter] : SIP_HEADER_OTHER;
  }
  if (name.len >= G_N_ELEMENTS(BY_LENGTH))
    return SIP_HEADER_OTHER;

  const IdList *list = &BY_LENGTH[name.len];
  for (size_t i = 0; i < list->count; i++)
    if (name_matches(name, HEADERS[list->ids[i]].name))
      return (SipHeader) list->ids[i];
  return SIP_HEADER_OTHER;
}

const SipHeaderInfo *sip_header_info(SipHeader header)
{
  if (header <= SIP_HEADER_OTHER || header >= SIP_HEADER_COUNT)
    return NULL;
  return &HEADERS[header];
}

const char *sip_severity_name(SipSeverity severity)
{
  static const char *const NAMES[] = {
    [SIP_SEVERITY_NOTE] = "note",
    [SIP_SEVERITY_WARNING] = "warning",
    [SIP_SEVERITY_ERROR] = "error",
  };

  g_assert(severity < G_N_ELEMENTS(NAMES));
  return NAMES[severity];
}

static const SipAnomalyInfo ANOMALIES[SIP_ANOMALY_COUNT] = {
#define SIP_ANOMALY(id, key, severity, section, text)                                              \
  [SIP_ANOMALY_##id] = {key, SIP_SEVERITY_##severity, section, text},
#include "dissect/sip/sip_anomalies.def"
#undef SIP_ANOMALY
};

const SipAnomalyInfo *sip_anomaly_info(SipAnomalyId id)
{
  g_assert(id < SIP_ANOMALY_COUNT);
  return &ANOMALIES[id];
}

const char *q850_cause_text(uint32_t cause)
{
  static const char *const TEXTS[] = {
#define Q850(number, text) [number] = text,
#include "dissect/sip/q850_causes.def"
#undef Q850
  };

  return cause < G_N_ELEMENTS(TEXTS) ? TEXTS[cause] : NULL;
}
