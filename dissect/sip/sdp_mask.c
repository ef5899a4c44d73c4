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
static void mask_candidate(Pseudonyms *pseudonyms, char *text, size_t len)
{
  Slice all = slice_of(text, len), rest = all;
  bool names_host = false;

  for (unsigned i = 0; rest.len > 0; i++) {
    Slice word = slice_cut(&rest, ' ');
    if (i == 0 || i == 4 || names_host)
      mask_slice(pseudonyms, all, text, word);
    names_host = slice_eq_nocase(word, SLICE("raddr")) || slice_eq_nocase(word, SLICE("ufrag"));
  }
}

/* tag suite inline:KEY|lifetime|MKI:length (RFC 4568 9.1) */
static void mask_crypto(Pseudonyms *pseudonyms, char *text, size_t len)
{
  Slice all = slice_of(text, len), rest = all;

  while (rest.len > 0) {
    Slice word = slice_cut(&rest, ' ');
    Slice key = slice_starts_with_nocase(word, SLICE("inline:")) ? slice_from(word, 7) : SLICE_NONE;
    mask_slice(pseudonyms, all, text, key.data ? slice_cut(&key, '|') : SLICE_NONE);
  }
}

/* port IN IP4 address (RFC 3605), and user session version IN IP4 address: the last one, and with
 * `user` the first. */
static void mask_address(Pseudonyms *pseudonyms, char *text, size_t len, bool user)
{
  Slice all = slice_of(text, len), rest = all;
  bool names_host = false;

  for (unsigned i = 0; rest.len > 0; i++) {
    Slice word = slice_cut(&rest, ' ');
    if ((user && i == 0) || names_host)
      mask_slice(pseudonyms, all, text, word);
    names_host = slice_starts_with_nocase(word, SLICE("IP")) && word.len == 3;
  }
}

/* ssrc cname:value; the number is that of packets (RFC 5576 4.1). */
static void mask_ssrc(Pseudonyms *pseudonyms, char *text, size_t len)
{
  Slice all = slice_of(text, len), rest = all;

  slice_cut(&rest, ' ');
  slice_cut(&rest, ':');
  mask_slice(pseudonyms, all, text, rest);
}

static void mask_attribute(Pseudonyms *pseudonyms, char *text, size_t len)
{
  Slice value = slice_of(text, len), name = slice_cut(&value, ':');
  char *at = text + len - value.len;

  if (is_plain_attribute(name))
    return;
  if (slice_eq_nocase(name, SLICE("candidate")))
    mask_candidate(pseudonyms, at, value.len);
  else if (slice_eq_nocase(name, SLICE("rtcp")))
    mask_address(pseudonyms, at, value.len, false);
  else if (slice_eq_nocase(name, SLICE("crypto")) || slice_eq_nocase(name, SLICE("acap")))
    mask_crypto(pseudonyms, at, value.len);
  else if (slice_eq_nocase(name, SLICE("ssrc")))
    mask_ssrc(pseudonyms, at, value.len);
  else if (value.len > 0)
    mask_text(pseudonyms, at, value.len, 0);
}

static void mask_line(Pseudonyms *pseudonyms, char *line, size_t len)
{
  Slice value = slice_trim(slice_of(line + 2, len - 2));

  switch (line[0]) {
  case 'o':
    mask_address(pseudonyms, line + 2, value.len, true);
    break;
  case 'c':
    mask_address(pseudonyms, line + 2, value.len, false);
    break;
  case 'a':
    mask_attribute(pseudonyms, line + 2, value.len);
    break;
  case 's':
    if (!mask_knows(PLAIN_SESSIONS, G_N_ELEMENTS(PLAIN_SESSIONS), value))
      mask_text(pseudonyms, line + 2, len - 2, 0);
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
    mask_text(pseudonyms, line + 2, len - 2, 0);
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
