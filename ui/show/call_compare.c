#include "ui/show/call_compare.h"

#include "capture/language.h"
#include "dissect/sip/sip_body.h"
#include "ui/show/call_noise.h"
#include "ui/show/message_diff.h"

static const struct {
  const char *name, *heading;
} AREAS[] = {
#define AREA_ROW(id, name, heading) {name, heading},
  COMPARE_AREAS(AREA_ROW)
#undef AREA_ROW
};

const char *compare_area_name(CompareArea area)
{
  return AREAS[area].name;
}

const char *compare_area_heading(CompareArea area)
{
  return AREAS[area].heading;
}

typedef struct {
  Arena *arena;
  CallComparison *comparison;
  const CallProfile *sides[2];
} Comparing;

static void add_row(const Comparing *c, const CompareRow *row)
{
  CallComparison *comparison = c->comparison;

  comparison->counts[row->area]++;
  if (comparison->count == COMPARE_ROWS_MAX)
    comparison->left_out++;
  else
    comparison->rows[comparison->count++] = *row;
}

static Slice format_slice(Arena *arena, const char *format, ...) G_GNUC_PRINTF(2, 3);

static Slice format_slice(Arena *arena, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  return arena_dup(arena, slice_from_string(text));
}

/* --- path --- */

static void compare_hops(const Comparing *c)
{
  const CallProfile *const *sides = c->sides;

  if (sides[0]->hop_count == 0 || sides[1]->hop_count == 0)
    return;
  c->comparison->is_compared[COMPARE_PATH] = true;
  for (size_t i = 0; i < MAX(sides[0]->hop_count, sides[1]->hop_count); i++) {
    Slice left = i < sides[0]->hop_count ? sides[0]->hops[i] : SLICE_NONE;
    Slice right = i < sides[1]->hop_count ? sides[1]->hops[i] : SLICE_NONE;
    Slice name = i == 0 ? slice_from_string(_("caller")) : format_slice(c->arena, _("hop %zu"), i);
    if (!slice_eq(left, right))
      add_row(c, &(CompareRow){.area = COMPARE_PATH, .name = name, .values = {left, right}});
  }
  if (sides[0]->transport != sides[1]->transport)
    add_row(c, &(CompareRow){.area = COMPARE_PATH,
                             .name = slice_from_string(_("transport")),
                             .values = {slice_from_string(transport_name(sides[0]->transport)),
                                        slice_from_string(transport_name(sides[1]->transport))}});
}

/* --- messages --- */

/* What two values are called: the header field, or the beginning of the line. */
static Slice name_of(const DiffRow *row)
{
  const DiffSide *side = row->left.text.data ? &row->left : &row->right;

  if (row->place == DIFF_START_LINE)
    return slice_from_string(_("start line"));
  if (row->place == DIFF_HEADER)
    return side->name;
  size_t len = 0;
  while (len < side->text.len && !memchr(": \t", side->text.data[len], 3))
    len++;
  return slice_head(side->text, len);
}

static SipHeader header_of(const DiffRow *row)
{
  return sip_header_from_slice(row->left.name.data ? row->left.name : row->right.name);
}

/* The same but for what differs in every call? */
static bool is_noise(const Comparing *c, const DiffRow *row, bool is_sdp)
{
  Slice left = row->left.text, right = row->right.text;

  if (row->place == DIFF_START_LINE || (row->place == DIFF_BODY && !is_sdp))
    return slice_eq(left, right);
  if (row->place == DIFF_HEADER && call_noise_is_header(header_of(row)))
    return true;
  if (row->place == DIFF_BODY) {
    left = left.data ? call_noise_plain_sdp(c->arena, left) : left;
    right = right.data ? call_noise_plain_sdp(c->arena, right) : right;
    return slice_eq(left, right) && !left.data == !right.data;
  }
  if (!left.data || !right.data)
    return false;
  return slice_eq(call_noise_plain_value(c->arena, header_of(row), left),
                  call_noise_plain_value(c->arena, header_of(row), right));
}

static void add_lonely_body(const Comparing *c, const ProfileMessage *left,
                            const ProfileMessage *right, CompareArea area)
{
  bool is_left = left->sip.body.len > 0;
  const ProfileMessage *owner = is_left ? left : right;
  Slice type = owner->sip.content_type.data ? owner->sip.content_type
                                            : slice_from_string(_("of unknown type"));
  CompareRow row = {.area = area, .name = slice_from_string(_("body"))};

  row.values[!is_left] =
    format_slice(c->arena, _("%.*s, %zu bytes"), SLICE_ARG(type), owner->sip.body.len);
  row.messages[!is_left] = owner->number;
  add_row(c, &row);
}

/* The rows of two messages, which are of these two areas. */
static void compare_messages(const Comparing *c, const ProfileMessage *left,
                             const ProfileMessage *right, CompareArea head, CompareArea body)
{
  if (left->number == 0 || right->number == 0)
    return;
  const MessageDiff diff = message_diff_build(c->arena, &left->sip, &right->sip);
  bool is_sdp = sip_msg_sdp(&left->sip).data && sip_msg_sdp(&right->sip).data;
  bool has_bodies = left->sip.body.len > 0 && right->sip.body.len > 0;

  c->comparison->is_compared[head] = true;
  c->comparison->is_compared[body] = left->sip.body.len > 0 || right->sip.body.len > 0;
  if (c->comparison->is_compared[body] && !has_bodies)
    add_lonely_body(c, left, right, body);
  for (size_t i = 0; i < diff.count; i++) {
    const DiffRow *row = &diff.rows[i];
    if (!diff_row_differs(row) || (row->place == DIFF_BODY && !has_bodies) ||
        is_noise(c, row, is_sdp))
      continue;
    add_row(c, &(CompareRow){
                 .area = row->place == DIFF_BODY ? body : head,
                 .name = name_of(row),
                 .values = {row->left.text, row->right.text},
                 .messages = {row->left.text.data ? left->number : 0,
                              row->right.text.data ? right->number : 0},
               });
  }
}

/* Responses to the same request, of which both accept it or both refuse it. */
static void compare_responses(const Comparing *c)
{
  const ProfileMessage *left = &c->sides[0]->response, *right = &c->sides[1]->response;

  if (left->sip.status / 100 == right->sip.status / 100)
    compare_messages(c, left, right, COMPARE_RESPONSE, COMPARE_ANSWER);
}

static Slice step_text(Arena *arena, const ProfileStep *step)
{
  return format_slice(arena,
                      step->from_caller ? _("%.*s from the caller") : _("%.*s to the caller"),
                      SLICE_ARG(step->label));
}

/* The first two that differ: those after them depend on these. */
static void compare_steps(const Comparing *c)
{
  const CallProfile *left = c->sides[0], *right = c->sides[1];
  size_t at = 0;

  if (left->step_count == 0 || right->step_count == 0)
    return;
  c->comparison->is_compared[COMPARE_MESSAGES] = true;
  while (at < MIN(left->step_count, right->step_count) &&
         left->steps[at].from_caller == right->steps[at].from_caller &&
         slice_eq(left->steps[at].label, right->steps[at].label))
    at++;
  const ProfileStep *a = at < left->step_count ? &left->steps[at] : NULL;
  const ProfileStep *b = at < right->step_count ? &right->steps[at] : NULL;
  if (!a && !b)
    return;
  add_row(c, &(CompareRow){
               .area = COMPARE_MESSAGES,
               .name = format_slice(c->arena, _("message %zu"), at + 1),
               .values = {a ? step_text(c->arena, a) : SLICE_NONE,
                          b ? step_text(c->arena, b) : SLICE_NONE},
               .messages = {a ? a->message : 0, b ? b->message : 0},
             });
}

/* --- timing and media --- */

/* By half of the shorter one and by 200 ms: less is chance.  A delay that only one call has follows
 * from its messages. */
static bool delays_differ(int64_t a, int64_t b)
{
  const int64_t least_ns = 200 * INT64_C(1000000);

  return a >= 0 && b >= 0 && ABS(a - b) >= least_ns && ABS(a - b) > MIN(a, b) / 2;
}

static Slice delay_text(Arena *arena, int64_t delay_ns)
{
  char text[TIME_TEXT_MAX];

  return delay_ns < 0 ? SLICE_NONE
                      : arena_dup(arena, slice_from_string(duration_format(delay_ns, text)));
}

static void compare_delays(const Comparing *c)
{
  static const char *const NAMES[] = {
    [PROFILE_PDD] = N_("post-dial delay"),
    [PROFILE_SETUP] = N_("until the answer"),
    [PROFILE_REFUSAL] = N_("until the refusal"),
    [PROFILE_HANG_UP] = N_("BYE until its answer"),
  };
  uint32_t left = c->sides[0]->retransmissions, right = c->sides[1]->retransmissions;

  c->comparison->is_compared[COMPARE_TIMING] = true;
  for (ProfileDelay i = 0; i < PROFILE_DELAYS; i++) {
    int64_t a = c->sides[0]->delays_ns[i], b = c->sides[1]->delays_ns[i];
    if (delays_differ(a, b))
      add_row(c, &(CompareRow){.area = COMPARE_TIMING,
                               .name = slice_from_string(_(NAMES[i])),
                               .values = {delay_text(c->arena, a), delay_text(c->arena, b)}});
  }
  if (left != right)
    add_row(c, &(CompareRow){.area = COMPARE_TIMING,
                             .name = slice_from_string(_("retransmissions")),
                             .values = {format_slice(c->arena, "%u", left),
                                        format_slice(c->arena, "%u", right)}});
}

static const ProfileStream *stream_like(const CallProfile *profile, const ProfileStream *stream)
{
  for (size_t i = 0; i < profile->stream_count; i++)
    if (profile->streams[i].kind == stream->kind &&
        profile->streams[i].from_caller == stream->from_caller)
      return &profile->streams[i];
  return NULL;
}

static Slice stream_text(Arena *arena, const ProfileStream *s)
{
  if (!s)
    return SLICE_NONE;
  g_autofree char *mos = s->has_mos ? g_strdup_printf(_(", MOS %.2f"), s->mos) : NULL;
  return format_slice(arena, _("%s, %" G_GUINT64_FORMAT " packets, %.1f %% lost%s"),
                      s->codec ? s->codec : _("unknown codec"), s->packets, s->loss_percent,
                      mos ? mos : "");
}

static bool streams_differ(const ProfileStream *a, const ProfileStream *b)
{
  const double loss_percent = 1, mos = 0.3;

  if (!a || !b || a->has_mos != b->has_mos || g_strcmp0(a->codec, b->codec) != 0)
    return true;
  return ABS(a->loss_percent - b->loss_percent) >= loss_percent || ABS(a->mos - b->mos) >= mos;
}

static void compare_streams(const Comparing *c)
{
  c->comparison->is_compared[COMPARE_MEDIA] =
    c->sides[0]->stream_count > 0 || c->sides[1]->stream_count > 0;
  for (size_t side = 0; side < 2; side++)
    for (size_t i = 0; i < c->sides[side]->stream_count; i++) {
      const ProfileStream *own = &c->sides[side]->streams[i];
      const ProfileStream *other = stream_like(c->sides[1 - side], own);
      const ProfileStream *left = side == 0 ? own : other, *right = side == 0 ? other : own;
      if ((side == 1 && other) || !streams_differ(left, right))
        continue;
      add_row(c, &(CompareRow){
                   .area = COMPARE_MEDIA,
                   .name = format_slice(
                     c->arena, own->from_caller ? _("%s from the caller") : _("%s to the caller"),
                     own->kind),
                   .values = {stream_text(c->arena, left), stream_text(c->arena, right)}});
    }
}

static void compare_findings(const Comparing *c)
{
  c->comparison->is_compared[COMPARE_FINDINGS] = true;
  for (size_t side = 0; side < 2; side++)
    for (size_t i = 0; i < c->sides[side]->finding_count; i++) {
      const ProfileFinding *finding = &c->sides[side]->findings[i];
      CompareRow row = {.area = COMPARE_FINDINGS,
                        .name = slice_from_string(FINDINGS[finding->id].name)};
      if (call_profile_has_finding(c->sides[1 - side], finding->id))
        continue;
      row.values[side] = slice_from_string(finding_severity_name(finding->severity));
      add_row(c, &row);
    }
}

/* --- what explains it --- */

/* What a final response is about: the parts of a request that may have caused it. */
static const struct {
  uint16_t status;
  const char *names; /* separated by blanks; "start": the start line; "m=*": all that begin so */
  const char *about;
} ABOUT[] = {
  {401, "Authorization", N_("about credentials; RFC 3261 21.4.2")},
  {403, "Authorization Proxy-Authorization From P-Asserted-Identity P-Preferred-Identity Identity",
   N_("a refusal of who asks; RFC 3261 21.4.4")},
  {404, "start To", N_("about the Request-URI; RFC 3261 21.4.5")},
  {405, "start", N_("about the method; RFC 3261 21.4.6")},
  {406, "Accept*", N_("about Accept; RFC 3261 21.4.7")},
  {407, "Proxy-Authorization", N_("about credentials; RFC 3261 21.4.8")},
  {410, "start To", N_("about the Request-URI; RFC 3261 21.4.10")},
  {413, "Content-*", N_("about the body; RFC 3261 21.4.11")},
  {414, "start", N_("about the Request-URI; RFC 3261 21.4.12")},
  {415, "Content-*", N_("about the body; RFC 3261 21.4.13")},
  {416, "start", N_("about the Request-URI; RFC 3261 21.4.14")},
  {420, "Require Proxy-Require", N_("about extensions; RFC 3261 21.4.15")},
  {421, "Supported Require", N_("about extensions; RFC 3261 21.4.16")},
  {422, "Session-Expires Min-SE", N_("about the session interval; RFC 4028 6")},
  {423, "Expires Contact", N_("about the interval of the registration; RFC 3261 21.4.17")},
  {428, "Identity", N_("about Identity; RFC 8224 6.2.2")},
  {433, "From Privacy P-Asserted-Identity", N_("about anonymity; RFC 5079 4")},
  {436, "Identity From", N_("about Identity; RFC 8224 6.2.2")},
  {437, "Identity", N_("about Identity; RFC 8224 6.2.2")},
  {438, "Identity From To Date", N_("about Identity; RFC 8224 6.2.2")},
  {480, "start To", N_("about the callee; RFC 3261 21.4.18")},
  {483, "Max-Forwards", N_("about the number of hops; RFC 3261 21.4.21")},
  {484, "start To", N_("about the Request-URI; RFC 3261 21.4.22")},
  {485, "start To", N_("about the Request-URI; RFC 3261 21.4.23")},
  {488, "m=* a=* c=* b=* body", N_("about the session description; RFC 3261 21.4.26")},
  {489, "Event", N_("about Event; RFC 6665 8.3.2")},
  {494, "Security-* Require Proxy-Require", N_("about security agreement; RFC 3329 2")},
  {505, "start", N_("about the version; RFC 3261 21.5.6")},
  {513, "Content-*", N_("about the length of the message; RFC 3261 21.5.7")},
  {580, "m=* a=* Require Supported", N_("about preconditions; RFC 3312 8")},
  {604, "start To", N_("about the Request-URI; RFC 3261 21.6.3")},
  {606, "m=* a=* c=* b=* body", N_("about the session description; RFC 3261 21.6.4")},
  {607, "From P-Asserted-Identity Identity", N_("a refusal of who calls; RFC 8197 3")},
  {608, "From P-Asserted-Identity Identity", N_("a refusal of who calls; RFC 8688 3")},
};

/* How badly it went: the outcome, then how many errors and warnings were found. */
static unsigned badness_of(const CallProfile *profile)
{
  enum { OUTCOME = 1 << 16, ERROR = 1 << 8, WARNING = 1 };
  unsigned badness = profile->outcome == OUTCOME_ANSWERED ? 0 : OUTCOME;

  for (size_t i = 0; i < profile->finding_count; i++)
    badness += profile->findings[i].severity == SEVERITY_ERROR     ? ERROR
               : profile->findings[i].severity == SEVERITY_WARNING ? WARNING
                                                                   : 0;
  return badness;
}

/* Is the worst that was found in one call, and not in the other, about media? */
static bool is_of_media(const CallProfile *worse, const CallProfile *other)
{
  for (size_t i = 0; i < worse->finding_count; i++)
    if (!call_profile_has_finding(other, worse->findings[i].id))
      return FINDINGS[worse->findings[i].id].table == FINDING_OF_MEDIA;
  return false;
}

static bool is_named(Slice name, const char *names)
{
  Slice rest = slice_from_string(names);

  while (rest.len > 0) {
    Slice word = slice_cut(&rest, ' ');
    if (slice_eq(word, SLICE("start")))
      word = slice_from_string(_("start line"));
    else if (slice_eq(word, SLICE("body")))
      word = slice_from_string(_("body"));
    bool is_prefix = word.data[word.len - 1] == '*';
    if (is_prefix ? slice_starts_with_nocase(name, slice_head(word, word.len - 1))
                  : slice_eq_nocase(name, word))
      return true;
  }
  return false;
}

static size_t first_row(const CallComparison *comparison, unsigned areas, const char *names)
{
  for (size_t i = 0; i < comparison->count; i++)
    if (areas & 1U << comparison->rows[i].area &&
        (!names || is_named(comparison->rows[i].name, names)))
      return i;
  return COMPARE_NO_ROW;
}

enum {
  OF_REQUEST = 1U << COMPARE_REQUEST | 1U << COMPARE_OFFER,
  OF_MEDIA = 1U << COMPARE_OFFER | 1U << COMPARE_ANSWER | 1U << COMPARE_MEDIA,
};

/* What explains, once it is found, is not looked for again. */
static void try_rows(CallComparison *comparison, unsigned areas, const char *names, Slice why)
{
  if (comparison->explains != COMPARE_NO_ROW)
    return;
  comparison->explains = first_row(comparison, areas, names);
  comparison->why = why;
}

static void find_what_explains(const Comparing *c)
{
  CallComparison *comparison = c->comparison;
  const CallProfile *worse = c->sides[comparison->worse], *other = c->sides[!comparison->worse];

  for (size_t i = 0; i < G_N_ELEMENTS(ABOUT); i++)
    if (ABOUT[i].status == worse->status)
      try_rows(comparison, OF_REQUEST, ABOUT[i].names,
               format_slice(c->arena, _("%u is %s"), worse->status, _(ABOUT[i].about)));
  if (is_of_media(worse, other))
    try_rows(comparison, OF_MEDIA, NULL,
             slice_from_string(_("the most severe finding is about media")));
  if (worse->outcome == OUTCOME_UNANSWERED)
    try_rows(comparison, 1U << COMPARE_PATH, NULL,
             slice_from_string(_("no answer came on this path")));
  try_rows(comparison, 1U << COMPARE_MESSAGES, NULL,
           slice_from_string(_("where the two calls diverge")));
  try_rows(comparison, 1U << COMPARE_TIMING, NULL,
           slice_from_string(_("the first delay that differs")));
  if (comparison->explains == COMPARE_NO_ROW)
    comparison->why = slice_from_string(_("no difference is known to cause it"));
}

static void judge(const Comparing *c)
{
  CallComparison *comparison = c->comparison;
  unsigned left = badness_of(c->sides[0]), right = badness_of(c->sides[1]);

  comparison->explains = COMPARE_NO_ROW;
  comparison->worse = left == right ? -1 : left < right;
  comparison->why = slice_from_string(_("neither call went worse than the other"));
  if (comparison->worse >= 0)
    find_what_explains(c);
}

CallComparison *call_compare(Arena *arena, const CallProfile *left, const CallProfile *right)
{
  CallComparison *comparison = arena_new(arena, CallComparison);
  const Comparing c = {arena, comparison, {left, right}};

  comparison->sides[0] = left;
  comparison->sides[1] = right;
  comparison->rows = arena_alloc(arena, COMPARE_ROWS_MAX * sizeof *comparison->rows);
  compare_hops(&c);
  compare_messages(&c, &left->request, &right->request, COMPARE_REQUEST, COMPARE_OFFER);
  compare_steps(&c);
  compare_responses(&c);
  compare_delays(&c);
  compare_streams(&c);
  compare_findings(&c);
  judge(&c);
  return comparison;
}
