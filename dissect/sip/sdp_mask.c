#include "dissect/sip/sdp.h"
#include "dissect/sip/sip_mask.h"

/* Attributes (RFC 8866 6, and others) whose values name nobody. */
static const char *const PLAIN_ATTRIBUTES[] = {
  "rtpmap",        "fmtp",       "ptime",      "maxptime",    "rtcp-fb",
  "rtcp-mux",      "rtcp-rsize", "setup",      "mid",         "group",
  "extmap",        "rid",        "simulcast",  "silenceSupp", "framerate",
  "framesize",     "connection", "curr",       "des",         "conf",
  "accept-types",  "content",    "ssrc-group", "ice-lite",    "ice-options",
  "floorctrl",     "confid",     "userid",     "label",       "quality",
  "orient",        "type",       "charset",    "sqn",         "cdsc",
  "cpar",          "csup",       "pcfg",       "acfg",        "tcap",
  "ptmode",        "vsel",       "gpmd",       "X-nat",       "sendrecv",
  "sendonly",      "recvonly",   "inactive",   "bundle-only", "end-of-candidates",
  "msid-semantic", "rtcp-xr",
};

/* Names of sessions that say nothing; GB/T 28181 reads some of them. */
static const char *const PLAIN_SESSIONS[] = {
  "Play", "Playback", "Download", "Talk", "Embedded", "session", "call", "SIP Call", "VoipCall"};

/* T38FaxVersion and so on (RFC 3362). */
static bool is_plain_attribute(Slice name)
{
  return mask_knows(PLAIN_ATTRIBUTES, G_N_ELEMENTS(PLAIN_ATTRIBUTES), name) ||
         slice_starts_with_nocase(name, SLICE("T38"));
}

static void mask_slice(Pseudonyms *pseudonyms, Slice base, char *text, Slice part)
{
  if (part.len > 0)
    mask_text(pseudonyms, text + (part.data - base.data), part.len, 0);
}

/* foundation component transport priority address port typ ... raddr ... (RFC 8839 5.1) */
static void mask_candidate(Pseudonyms *pseudonyms, char *text, Slice value)
{
  Slice rest = value, word;
  bool names_host = false;

  for (unsigned i = 0; (word = sdp_take_word(&rest)).len > 0; i++) {
    if (i == 0 || i == 4 || names_host)
      mask_slice(pseudonyms, value, text, word);
    names_host = slice_eq_nocase(word, SLICE("raddr")) || slice_eq_nocase(word, SLICE("ufrag"));
  }
}

/* tag suite inline:KEY|lifetime|MKI:length;inline:... (RFC 4568 9.1) */
static void mask_crypto(Pseudonyms *pseudonyms, char *text, Slice value)
{
  Slice rest = value, word;

  while ((word = sdp_take_word(&rest)).len > 0)
    while (word.len > 0) {
      Slice key = slice_cut(&word, ';');
      if (slice_starts_with_nocase(key, SLICE("inline:"))) {
        key = slice_from(key, 7);
        mask_slice(pseudonyms, value, text, slice_cut(&key, '|'));
      }
    }
}

static bool is_digits(Slice word)
{
  for (size_t i = 0; i < word.len; i++)
    if (!g_ascii_isdigit(word.data[i]))
      return false;
  return true;
}

/* IN IP4 address (RFC 8866 5.7), after a port (RFC 3605), or after user, session and version (RFC
 * 8866 5.2), which are `with_user`.  Only numbers and the types stay. */
static void mask_address(Pseudonyms *pseudonyms, char *text, Slice value, bool with_user)
{
  static const char *const TYPES[] = {"IN", "IP4", "IP6"};
  Slice rest = value, word;

  for (unsigned i = 0; (word = sdp_take_word(&rest)).len > 0; i++) {
    bool is_user = with_user && i == 0;
    if (is_user || !(is_digits(word) || mask_knows(TYPES, G_N_ELEMENTS(TYPES), word)))
      mask_slice(pseudonyms, value, text, word);
  }
}

/* ssrc cname:value; the number is that of packets (RFC 5576 4.1). */
static void mask_ssrc(Pseudonyms *pseudonyms, char *text, Slice value)
{
  Slice rest = value;

  sdp_take_word(&rest);
  slice_cut(&rest, ':');
  mask_slice(pseudonyms, value, text, rest);
}

static void mask_attribute(Pseudonyms *pseudonyms, char *text, Slice attribute)
{
  Slice value = attribute, name = slice_trim(slice_cut(&value, ':'));
  char *at = text + (attribute.len - value.len);

  if (is_plain_attribute(name))
    return;
  if (slice_eq_nocase(name, SLICE("candidate")))
    mask_candidate(pseudonyms, at, value);
  else if (slice_eq_nocase(name, SLICE("rtcp")))
    mask_address(pseudonyms, at, value, false);
  else if (slice_eq_nocase(name, SLICE("crypto")) || slice_eq_nocase(name, SLICE("acap")))
    mask_crypto(pseudonyms, at, value);
  else if (slice_eq_nocase(name, SLICE("ssrc")))
    mask_ssrc(pseudonyms, at, value);
  else if (value.len > 0)
    mask_text(pseudonyms, at, value.len, 0);
}

static void mask_line(Pseudonyms *pseudonyms, char *line, size_t len)
{
  char *text = line + 2;
  Slice value = slice_of(text, len - 2);

  switch (line[0]) {
  case 'o':
    mask_address(pseudonyms, text, value, true);
    break;
  case 'c':
    mask_address(pseudonyms, text, value, false);
    break;
  case 'a':
    mask_attribute(pseudonyms, text, value);
    break;
  case 's':
    if (!mask_knows(PLAIN_SESSIONS, G_N_ELEMENTS(PLAIN_SESSIONS), slice_trim(value)))
      mask_text(pseudonyms, text, value.len, 0);
    break;
  case 'v':
  case 'm':
  case 'b':
  case 't':
  case 'r':
  case 'z':
  case 'y': /* GB/T 28181: an SSRC */
  case 'f':
    break;
  default:
    mask_text(pseudonyms, text, value.len, 0);
  }
}

void sdp_mask(Pseudonyms *pseudonyms, char *text, size_t len)
{
  Slice rest = slice_of(text, len);

  while (rest.len > 0) {
    Slice line = slice_take_line(&rest);
    char *at = text + (line.data - text);
    if (line.len > 2 && line.data[1] == '=')
      mask_line(pseudonyms, at, line.len);
    else if (line.len > 0)
      mask_text(pseudonyms, at, line.len, 0);
  }
}
