#include "dissect/sip/isup.h"

#include <glib.h>

#include "capture/reader.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_values.h"

enum {
  END_OF_OPTIONAL = 0x00,
  CALLED_NUMBER = 0x04,
  SUBSEQUENT_NUMBER = 0x05,
  CALLING_NUMBER = 0x0a,
  REDIRECTING_NUMBER = 0x0b,
  REDIRECTION_NUMBER = 0x0c,
  CAUSE = 0x12,
  CONNECTED_NUMBER = 0x21,
  ORIGINAL_CALLED_NUMBER = 0x28,
  LOCATION_NUMBER = 0x3f,
  GENERIC_NUMBER = 0xc0,
};

/* --- The messages (Q.763 tables 21 to 58) ----------------------------------------------------- */

enum { FIXED_MAX = 4, VARIABLE_MAX = 2 };

typedef struct {
  uint8_t code, len;
} Fixed;

/* Mandatory parameters of fixed and of variable length, which have a code of 0 after the last one.
 * `ends`: no optional ones follow, and so no pointer to them. */
typedef struct {
  uint8_t type;
  const char *name, *phrase;
  Fixed fixed[FIXED_MAX];
  uint8_t variable[VARIABLE_MAX];
  bool ends;
} MessageFormat;

static const MessageFormat FORMATS[] = {
  {0x01, "IAM", "initial address", {{0x06, 1}, {0x07, 2}, {0x09, 1}, {0x02, 1}}, {0x04}, false},
  {0x02, "SAM", "subsequent address", {{0}}, {0x05}, false},
  {0x03, "INR", "information request", {{0x0e, 2}}, {0}, false},
  {0x04, "INF", "information", {{0x0f, 2}}, {0}, false},
  {0x05, "COT", "continuity", {{0x10, 1}}, {0}, true},
  {0x06, "ACM", "address complete", {{0x11, 2}}, {0}, false},
  {0x07, "CON", "connect", {{0x11, 2}}, {0}, false},
  {0x08, "FOT", "forward transfer", {{0}}, {0}, false},
  {0x09, "ANM", "answer", {{0}}, {0}, false},
  {0x0c, "REL", "release", {{0}}, {0x12}, false},
  {0x0d, "SUS", "suspend", {{0x22, 1}}, {0}, false},
  {0x0e, "RES", "resume", {{0x22, 1}}, {0}, false},
  {0x10, "RLC", "release complete", {{0}}, {0}, false},
  {0x11, "CCR", "continuity check request", {{0}}, {0}, true},
  {0x12, "RSC", "reset circuit", {{0}}, {0}, true},
  {0x13, "BLO", "blocking", {{0}}, {0}, true},
  {0x14, "UBL", "unblocking", {{0}}, {0}, true},
  {0x15, "BLA", "blocking acknowledgement", {{0}}, {0}, true},
  {0x16, "UBA", "unblocking acknowledgement", {{0}}, {0}, true},
  {0x17, "GRS", "circuit group reset", {{0}}, {0x16}, true},
  {0x1f, "FAR", "facility request", {{0x18, 1}}, {0}, false},
  {0x20, "FAA", "facility accepted", {{0x18, 1}}, {0}, false},
  {0x21, "FRJ", "facility reject", {{0x18, 1}}, {0x12}, false},
  {0x2c, "CPG", "call progress", {{0x24, 1}}, {0}, false},
  {0x2d, "USR", "user-to-user information", {{0}}, {0x20}, false},
  {0x2f, "CFN", "confusion", {{0}}, {0x12}, false},
  {0x32, "NRM", "network resource management", {{0}}, {0}, false},
  {0x33, "FAC", "facility", {{0}}, {0}, false},
  {0x36, "IDR", "identification request", {{0}}, {0}, false},
  {0x37, "IRS", "identification response", {{0}}, {0}, false},
  {0x38, "SGM", "segmentation", {{0}}, {0}, false},
  {0x40, "LOP", "loop prevention", {{0}}, {0}, false},
  {0x41, "APM", "application transport", {{0}}, {0}, false},
  {0x42, "PRI", "pre-release information", {{0}}, {0}, false},
};

/* ANSI T1.113: user service information in place of the transmission medium. */
static const MessageFormat ANSI_IAM = {
  0x01, "IAM", "initial address", {{0x06, 1}, {0x07, 2}, {0x09, 1}}, {0x1d, 0x04}, false};

/* --- The parameters (Q.763 table 5) ----------------------------------------------------------- */

static const char *const PARAMS[256] = {
  [0x01] = "call reference",
  [0x02] = "transmission medium requirement",
  [0x03] = "access transport",
  [CALLED_NUMBER] = "called party number",
  [SUBSEQUENT_NUMBER] = "subsequent number",
  [0x06] = "nature of connection indicators",
  [0x07] = "forward call indicators",
  [0x08] = "optional forward call indicators",
  [0x09] = "calling party's category",
  [CALLING_NUMBER] = "calling party number",
  [REDIRECTING_NUMBER] = "redirecting number",
  [REDIRECTION_NUMBER] = "redirection number",
  [0x0d] = "connection request",
  [0x0e] = "information request indicators",
  [0x0f] = "information indicators",
  [0x10] = "continuity indicators",
  [0x11] = "backward call indicators",
  [CAUSE] = "cause indicators",
  [0x13] = "redirection information",
  [0x16] = "range and status",
  [0x18] = "facility indicator",
  [0x1a] = "closed user group interlock code",
  [0x1d] = "user service information",
  [0x20] = "user-to-user information",
  [CONNECTED_NUMBER] = "connected number",
  [0x22] = "suspend/resume indicators",
  [0x23] = "transit network selection",
  [0x24] = "event information",
  [ORIGINAL_CALLED_NUMBER] = "original called number",
  [0x29] = "optional backward call indicators",
  [0x2a] = "user-to-user indicators",
  [0x2c] = "generic notification indicator",
  [0x2d] = "call history information",
  [0x2e] = "access delivery information",
  [0x2f] = "network specific facility",
  [0x30] = "user service information prime",
  [0x31] = "propagation delay counter",
  [0x32] = "remote operations",
  [0x33] = "service activation",
  [0x34] = "user teleservice information",
  [0x35] = "transmission medium used",
  [0x36] = "call diversion information",
  [0x37] = "echo control information",
  [0x38] = "message compatibility information",
  [0x39] = "parameter compatibility information",
  [0x3a] = "MLPP precedence",
  [0x3d] = "hop counter",
  [LOCATION_NUMBER] = "location number",
  [0x40] = "redirection number restriction",
  [0x77] = "redirect counter",
  [0x78] = "application transport",
  [GENERIC_NUMBER] = "generic number",
  [0xc1] = "generic digits",
  [0xc4] = "jurisdiction information", /* ANSI T1.113, as the next ones */
  [0xea] = "originating line information",
  [0xeb] = "charge number",
};

bool isup_is_ansi(Slice content_type)
{
  Slice value;

  sip_cut_params(&content_type);
  return (sip_param_find(content_type, SLICE("base"), &value) ||
          sip_param_find(content_type, SLICE("version"), &value)) &&
         slice_starts_with_nocase(slice_trim(value), SLICE("ansi"));
}

static const MessageFormat *format_of(uint8_t type, bool ansi)
{
  if (ansi && type == ANSI_IAM.type)
    return &ANSI_IAM;
  for (size_t i = 0; i < G_N_ELEMENTS(FORMATS); i++)
    if (FORMATS[i].type == type)
      return &FORMATS[i];
  return NULL;
}

bool isup_parse(Slice body, bool ansi, Isup *ret_isup)
{
  if (body.len == 0)
    return false;
  uint8_t type = (uint8_t) body.data[0];
  const MessageFormat *format = format_of(type, ansi);
  *ret_isup = (Isup){
    .type = type,
    .name = format ? format->name : NULL,
    .phrase = format ? format->phrase : NULL,
    .body = body,
    .format = format,
    .at = 1,
  };
  return true;
}

static bool fail(Isup *isup)
{
  isup->faulty = true;
  isup->format = NULL;
  return false;
}

static uint8_t byte_at(Slice body, size_t at)
{
  return at < body.len ? (uint8_t) body.data[at] : 0;
}

/* Gives the `len` bytes at `at`, if they are all there. */
static bool give(Isup *isup, uint8_t code, size_t at, size_t len, IsupParam *ret_param)
{
  if (at > isup->body.len || isup->body.len - at < len)
    return fail(isup);
  *ret_param = (IsupParam){code, PARAMS[code], slice_head(slice_from(isup->body, at), len)};
  return true;
}

/* Q.763 1.3: a pointer counts from its own byte to that of the length. */
static bool take_variable(Isup *isup, uint8_t code, IsupParam *ret_param)
{
  uint8_t pointer = byte_at(isup->body, isup->at);
  size_t at = isup->at++ + pointer;

  if (pointer == 0 || at >= isup->body.len)
    return fail(isup);
  return give(isup, code, at + 1, byte_at(isup->body, at), ret_param);
}

/* The pointer to the optional part; 0: there is none.  Some leave it out. */
static bool find_optional(Isup *isup)
{
  uint8_t pointer = byte_at(isup->body, isup->at);

  isup->optional_at = isup->at + pointer;
  return pointer > 0;
}

static bool take_optional(Isup *isup, IsupParam *ret_param)
{
  size_t at = isup->optional_at;
  uint8_t code = byte_at(isup->body, at);

  if (at >= isup->body.len)
    return fail(isup);
  if (code == END_OF_OPTIONAL) {
    isup->format = NULL;
    return false;
  }
  size_t len = byte_at(isup->body, at + 1);
  isup->optional_at = at + 2 + len;
  return give(isup, code, at + 2, len, ret_param);
}

bool isup_param_next(Isup *isup, IsupParam *ret_param)
{
  const MessageFormat *format = isup->format;

  if (!format)
    return false;
  unsigned index = isup->index++;
  if (index < FIXED_MAX && format->fixed[index].len > 0) {
    const Fixed *fixed = &format->fixed[index];
    size_t at = isup->at;
    isup->at += fixed->len;
    return give(isup, fixed->code, at, fixed->len, ret_param);
  }
  /* Behind the fixed ones `index` counts on from their number. */
  unsigned fixed_count = 0;
  while (fixed_count < FIXED_MAX && format->fixed[fixed_count].len > 0)
    fixed_count++;
  unsigned variable = index - fixed_count;
  if (variable < VARIABLE_MAX && format->variable[variable] != 0)
    return take_variable(isup, format->variable[variable], ret_param);
  if (isup->optional_at == 0 && (format->ends || !find_optional(isup))) {
    isup->format = NULL;
    return false;
  }
  return take_optional(isup, ret_param);
}

/* --- Numbers (Q.763 3.9, 3.10, 3.26, 3.39) ---------------------------------------------------- */

/* The groups of bits in the second byte, which not all numbers have. */
static const struct {
  uint8_t code;
  bool has_qualifier; /* a byte before the others */
  bool has_presentation, has_screening;
} NUMBERS[] = {
  {CALLED_NUMBER, false, false, false},         {SUBSEQUENT_NUMBER, false, false, false},
  {CALLING_NUMBER, false, true, true},          {REDIRECTING_NUMBER, false, true, false},
  {REDIRECTION_NUMBER, false, false, false},    {CONNECTED_NUMBER, false, true, true},
  {ORIGINAL_CALLED_NUMBER, false, true, false}, {LOCATION_NUMBER, false, true, true},
  {GENERIC_NUMBER, true, true, true},           {0xeb, false, false, false},
};

static const char *const NATURES[] = {
  [1] = "subscriber",    [2] = "unknown",          [3] = "national",
  [4] = "international", [5] = "network specific",
};
static const char *const PLANS[8] = {[1] = "E.164", [3] = "X.121", [4] = "F.69", [5] = "private"};
static const char *const PRESENTATIONS[4] = {"allowed", "restricted", "not available", NULL};
static const char *const SCREENINGS[4] = {
  "user provided, not verified",
  "user provided, verified and passed",
  "user provided, verified and failed",
  "network provided",
};

/* Two digits a byte, the first one in the low bits; an odd number leaves out the last four bits. */
static void read_digits(Slice bytes, bool odd, IsupNumber *number)
{
  static const char DIGITS[16] = "0123456789ABCDEF";
  enum { ST = 15 };
  size_t count = bytes.len * 2 - (odd && bytes.len > 0 ? 1 : 0), len = 0;

  for (size_t i = 0; i < count; i++) {
    unsigned byte = (uint8_t) bytes.data[i / 2], digit = i % 2 == 0 ? byte & 15 : byte >> 4;
    if (digit == ST) {
      number->has_end = true;
      break;
    }
    if (len == ISUP_DIGITS_MAX) {
      number->is_cut = true;
      break;
    }
    number->digits[len++] = DIGITS[digit];
  }
  number->digits[len] = '\0';
}

bool isup_number(const IsupParam *param, IsupNumber *ret_number)
{
  Reader r = reader_of(param->bytes.data, param->bytes.len);
  IsupNumber number = {0};
  size_t i = 0;

  while (i < G_N_ELEMENTS(NUMBERS) && NUMBERS[i].code != param->code)
    i++;
  if (i == G_N_ELEMENTS(NUMBERS))
    return false;
  if (NUMBERS[i].has_qualifier)
    reader_skip(&r, 1);
  unsigned first = reader_u8(&r);
  if (param->code != SUBSEQUENT_NUMBER) {
    unsigned second = reader_u8(&r), nature = first & 0x7f;
    number.nature = nature < G_N_ELEMENTS(NATURES) ? NATURES[nature] : NULL;
    number.plan = PLANS[second >> 4 & 7];
    number.presentation = NUMBERS[i].has_presentation ? PRESENTATIONS[second >> 2 & 3] : NULL;
    number.screening = NUMBERS[i].has_screening ? SCREENINGS[second & 3] : NULL;
  }
  if (r.failed)
    return false;
  read_digits(reader_rest(&r), (first & 0x80) != 0, &number);
  *ret_number = number;
  return true;
}

/* --- Causes (Q.850 2.1) ----------------------------------------------------------------------- */

bool isup_cause(const IsupParam *param, IsupCause *ret_cause)
{
  static const char *const LOCATIONS[16] = {
    [0] = "user",
    [1] = "private network serving the local user",
    [2] = "public network serving the local user",
    [3] = "transit network",
    [4] = "public network serving the remote user",
    [5] = "private network serving the remote user",
    [7] = "international network",
    [10] = "network beyond an interworking point",
  };
  Reader r = reader_of(param->bytes.data, param->bytes.len);

  if (param->code != CAUSE)
    return false;
  unsigned first = reader_u8(&r);
  if ((first & 0x80) == 0) /* a byte with a recommendation follows */
    reader_skip(&r, 1);
  unsigned value = reader_u8(&r) & 0x7f;
  if (r.failed)
    return false;
  *ret_cause = (IsupCause){
    .value = (uint8_t) value,
    .is_q850 = (first >> 5 & 3) == 0,
    .location = LOCATIONS[first & 15],
  };
  return true;
}

bool sip_msg_isup_cause(const SipMsg *msg, uint32_t *ret_cause)
{
  Slice type, body = sip_msg_part(msg, SLICE("application"), SLICE("isup"), &type);
  IsupParam param;
  IsupCause cause;
  Isup isup;

  if (!body.data || !isup_parse(body, isup_is_ansi(type), &isup))
    return false;
  while (isup_param_next(&isup, &param))
    if (isup_cause(&param, &cause) && cause.is_q850) {
      *ret_cause = cause.value;
      return true;
    }
  return false;
}

/* --- Indicators ------------------------------------------------------------------------------- */

enum { NAMED_MAX = 8 };

/* Bits of a byte of a parameter, from `shift` on. */
static const struct {
  uint8_t code, byte, shift, bits;
  const char *name;
  const char *texts[NAMED_MAX];
} GROUPS[] = {
  {0x06, 0, 0, 2, "satellites", {"none", "one", "two"}},
  {0x06, 0, 2, 2, "continuity check", {"not required", "required", "on a previous circuit"}},
  {0x06, 0, 4, 1, "outgoing echo control", {"not included", "included"}},
  {0x07, 0, 0, 1, "call", {"national", "international"}},
  {0x07, 0, 3, 1, "interworking", {"not encountered", "encountered"}},
  {0x07, 0, 5, 1, "ISUP", {"not used all the way", "used all the way"}},
  {0x07, 0, 6, 2, "ISUP preference", {"preferred", "not required", "required"}},
  {0x07, 1, 0, 1, "originating access", {"non-ISDN", "ISDN"}},
  {0x11, 0, 0, 2, "charge", {"no indication", "no charge", "charge"}},
  {0x11,
   0,
   2,
   2,
   "called party's status",
   {"no indication", "subscriber free", "connect when free"}},
  {0x11, 0, 4, 2, "called party's category", {"no indication", "ordinary subscriber", "payphone"}},
  {0x11, 1, 0, 1, "interworking", {"not encountered", "encountered"}},
  {0x11, 1, 2, 1, "ISUP", {"not used all the way", "used all the way"}},
  {0x11, 1, 4, 1, "terminating access", {"non-ISDN", "ISDN"}},
  {0x11, 1, 5, 1, "incoming echo control", {"not included", "included"}},
  {0x13,
   0,
   0,
   3,
   "redirecting",
   {"no redirection", "rerouted", "rerouted, all restricted", "diverted",
    "diverted, all restricted", "rerouted, number restricted", "diverted, number restricted"}},
  {0x13, 0, 4, 4, "original reason", {"unknown", "user busy", "no reply", "unconditional"}},
  {0x13, 1, 0, 3, "redirections", {NULL}},
  {0x13,
   1,
   4,
   4,
   "reason",
   {"unknown", "user busy", "no reply", "unconditional", "deflection while alerting",
    "immediate deflection", "mobile subscriber not reachable"}},
  {0x22, 0, 0, 1, "initiated by", {"subscriber", "network"}},
  {0x24,
   0,
   0,
   7,
   "event",
   {NULL, "alerting", "progress", "in-band information", "forwarded, busy", "forwarded, no reply",
    "forwarded, unconditional"}},
  {0x24, 0, 7, 1, "presentation", {"not restricted", "restricted"}},
  {0x29, 0, 0, 1, "in-band information", {"no indication", "available"}},
  {0x29, 0, 1, 1, "call diversion", {"no indication", "may occur"}},
  {0x02,
   0,
   0,
   8,
   NULL,
   {"speech", NULL, "64 kbit/s unrestricted", "3.1 kHz audio", NULL, NULL, "64 kbit/s preferred"}},
  {0x10, 0, 0, 1, "continuity check", {"failed", "successful"}},
  {0x3d, 0, 0, 5, NULL, {NULL}},
  {0x77, 0, 0, 5, NULL, {NULL}},
  /* Q.763 3.11, from 8 on */
  {0x09, 0, 0, 8, NULL, {"unknown"}},
};

static const char *category_text(unsigned value)
{
  static const char *const CATEGORIES[] = {
    [9] = "national operator", [10] = "ordinary subscriber", [11] = "subscriber with priority",
    [12] = "data call",        [13] = "test call",           [15] = "payphone",
  };

  return value < G_N_ELEMENTS(CATEGORIES) ? CATEGORIES[value] : NULL;
}

bool isup_indicator(const IsupParam *param, unsigned index, IsupIndicator *ret_indicator)
{
  for (size_t i = 0; i < G_N_ELEMENTS(GROUPS); i++) {
    if (GROUPS[i].code != param->code || GROUPS[i].byte >= param->bytes.len || index-- > 0)
      continue;
    unsigned byte = (uint8_t) param->bytes.data[GROUPS[i].byte];
    unsigned value = byte >> GROUPS[i].shift & ((1U << GROUPS[i].bits) - 1);
    const char *text = value < NAMED_MAX ? GROUPS[i].texts[value] : NULL;
    bool is_category = param->code == 0x09 && !text;
    *ret_indicator =
      (IsupIndicator){GROUPS[i].name, is_category ? category_text(value) : text, value};
    return true;
  }
  return false;
}
