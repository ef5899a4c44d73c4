#include "ui/show/finding_rows.h"

#include "capture/language.h"
#include "ui/show/flow_rungs.h"
#include "ui/show/path_text.h"
#include "ui/show/text.h"

typedef struct {
  const FindingRowsInput *input;
  GArray *rows;
} Builder;

static void append_numbers(GString *to, const char *name, const uint32_t *numbers, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (i == 0)
      g_string_append_printf(to, "%s %u", name, numbers[i]);
    else
      g_string_append_printf(to, "%s%u", _(", "), numbers[i]);
  if (count > 0)
    g_string_append(to, _("; "));
}

void finding_append_proof(const Finding *finding, GString *to)
{
  append_numbers(to, translate_count("message", "messages", finding->message_count),
                 finding->messages, finding->message_count);
  append_numbers(to, translate_count("stream", "streams", finding->stream_count), finding->streams,
                 finding->stream_count);
  g_string_append(to, FINDINGS[finding->id].section);
}

Style finding_severity_style(FindingSeverity severity)
{
  return severity == SEVERITY_ERROR     ? STYLE_ERROR
         : severity == SEVERITY_WARNING ? STYLE_WARNING
                                        : STYLE_HINT;
}

/* `like` says all but the text, which goes on below, indented by so many columns, where it does not
 * fit. */
static void add_lines(Builder *builder, const FindingRowLine *like, unsigned indent, unsigned below,
                      Slice raw)
{
  enum { WORD = 8 };
  const FindingRowsInput *input = builder->input;
  g_autoptr(GString) safe = g_string_new(NULL);
  FindingRowLine row = *like;

  text_append_safe(safe, raw, input->charset);
  Slice rest = slice_of(safe->str, safe->len);
  while (rest.len > 0) {
    Slice words = text_take_words(&rest, MAX(input->width, indent + WORD) - indent);
    g_autofree char *line = g_strdup_printf("%*s%.*s", (int) indent, "", SLICE_ARG(words));
    row.text = arena_dup(input->arena, slice_from_string(line));
    g_array_append_val(builder->rows, row);
    indent = below;
  }
}

static void add_text(Builder *builder, const FindingRowLine *like, unsigned indent, Slice raw)
{
  enum { FURTHER = 2 };

  add_lines(builder, like, indent, indent == 0 ? FURTHER : indent, raw);
}

static void add_gap(Builder *builder)
{
  const FindingRowLine gap = {.text = SLICE(""), .finding = FINDING_NONE};

  g_array_append_val(builder->rows, gap);
}

static void add_heading(Builder *builder, const char *text)
{
  if (builder->rows->len > 0)
    add_gap(builder);
  add_text(builder, &(FindingRowLine){.style = STYLE_HEADING, .finding = FINDING_NONE}, 0,
           slice_from_string(text));
}

/* "message 12: INVITE, 10.0.0.1:5060 to 10.0.0.2:5060" */
static void add_evidence(Builder *builder, uint32_t number, uint32_t finding)
{
  const FindingRowsInput *input = builder->input;
  const Message *message = call_reading_message(&input->diagnosis->path->reading, number);
  g_autoptr(GString) line = g_string_new(NULL);

  g_string_printf(line, _("message %u"), number);
  if (message) {
    g_string_append(line, _(": "));
    flow_label_append(line, input->trace, message, SLICE_NONE);
    g_string_append(line, _(", "));
    aliases_append(input->aliases, trace_endpoint(input->trace, message->src), ALIAS_WITH_PORT,
                   line);
    g_string_append(line, _(" to "));
    aliases_append(input->aliases, trace_endpoint(input->trace, message->dst), ALIAS_WITH_PORT,
                   line);
  }
  add_text(builder, &(FindingRowLine){.message = number, .finding = finding}, 4,
           slice_of(line->str, line->len));
}

static void add_finding(Builder *builder, uint32_t index)
{
  const Finding *finding = &builder->input->diagnosis->findings.items[index];
  FindingRowLine row = {
    .style = finding_severity_style(finding->severity),
    .message = finding->message_count > 0 ? finding->messages[0] : 0,
    .finding = index,
  };
  g_autofree char *text = g_strdup_printf("%s %s%s%s", _(finding_severity_name(finding->severity)),
                                          FINDINGS[finding->id].name, _(": "), finding->text);

  add_text(builder, &row, 0, slice_from_string(text));
  for (size_t i = 0; i < finding->message_count; i++)
    add_evidence(builder, finding->messages[i], index);
  for (size_t i = 0; i < finding->stream_count; i++) {
    g_autofree char *stream = g_strdup_printf(_("stream %u"), finding->streams[i]);
    add_text(builder, &(FindingRowLine){.finding = index}, 4, slice_from_string(stream));
  }
  row.style = STYLE_DIM;
  add_text(builder, &row, 4, slice_from_string(FINDINGS[finding->id].section));
  if (finding->weakened) {
    g_autofree char *why = g_strdup_printf(_("less severe: %s"), finding->weakened);
    add_text(builder, &row, 4, slice_from_string(why));
  }
}

static void add_hops(Builder *builder, const Branch *branch)
{
  enum { HANGING = 4 }; /* more than the hops below it are indented */
  const FindingRowsInput *input = builder->input;
  g_autoptr(GString) line = g_string_new(NULL);
  const FindingRowLine row = {.message = branch->request->message->number, .finding = FINDING_NONE};

  path_append_hop(branch, input->trace, input->aliases, line);
  add_lines(builder, &row, 2U * branch->depth, 2U * branch->depth + HANGING,
            slice_of(line->str, line->len));
  for (const Branch *child = branch->children; child && branch->depth < PATH_DEPTH_MAX;
       child = child->sibling)
    add_hops(builder, child);
}

static void add_path(Builder *builder, const CallPath *path)
{
  RoleList roles;

  roles_of(&path->forwarding, builder->input->arena, &roles);
  if (roles.count > 0)
    add_heading(builder, _("Roles"));
  for (size_t i = 0; i < roles.count; i++) {
    const Role *role = &roles.items[i];
    g_autoptr(GString) line = g_string_new(NULL);
    path_append_role(role, builder->input->trace, builder->input->aliases, line);
    add_text(builder, &(FindingRowLine){.message = role->messages[0], .finding = FINDING_NONE}, 0,
             slice_of(line->str, line->len));
  }
  if (path->forwarding.count > 0)
    add_heading(builder, _("The way of the requests"));
  for (size_t i = 0; i < path->forwarding.count; i++)
    if (path_is_root(&path->forwarding.branches[i]))
      add_hops(builder, &path->forwarding.branches[i]);
}

/* Of the call, and of all of the capture. */
static void add_doubts(Builder *builder, const Doubts *of_call)
{
  Doubts doubts = *of_call;

  doubts_add_capture(builder->input->trace, builder->input->arena, &doubts);
  if (doubts.count > 0)
    add_heading(builder, _("What the capture lacks"));
  for (size_t i = 0; i < doubts.count; i++)
    add_text(builder, &(FindingRowLine){.finding = FINDING_NONE}, 0,
             slice_from_string(doubts.items[i]));
}

static void add_session(Builder *builder, const SessionEvents *session)
{
  if (session->is_plain)
    return;
  add_heading(builder, _("Session"));
  for (size_t i = 0; i < session->count; i++) {
    const SessionEvent *event = &session->items[i];
    char time[TIME_TEXT_MAX];
    Clock clock = builder->input->clock;
    clock.digits = 3;
    g_autofree char *text =
      g_strdup_printf("%s  %s", clock_format(&clock, event->time_ns, time), event->text);
    add_text(builder, &(FindingRowLine){.message = event->message, .finding = FINDING_NONE}, 0,
             slice_from_string(text));
  }
}

GArray *finding_rows_new(const FindingRowsInput *input)
{
  Builder builder = {input, g_array_new(FALSE, FALSE, sizeof(FindingRowLine))};
  const Diagnosis *diagnosis = input->diagnosis;
  g_autofree char *heading =
    g_strdup_printf(_("Call %u: %s"), input->call->number, diagnosis->result);

  add_heading(&builder, heading);
  for (size_t i = 0; i < diagnosis->findings.count; i++)
    add_finding(&builder, (uint32_t) i);
  if (diagnosis->findings.count == 0)
    add_text(&builder, &(FindingRowLine){.finding = FINDING_NONE}, 0,
             slice_from_string(_("no findings")));
  add_doubts(&builder, &diagnosis->doubts);
  add_session(&builder, &diagnosis->session);
  add_path(&builder, diagnosis->path);
  return builder.rows;
}
