#include "capture/language.h"
#include "dissect/sip/sip_check.h"
#include "dissect/sip/sip_coding.h"
#include "ui/report/call_notes.h"
#include "ui/report/report.h"
#include "ui/report/subcommand.h"
#include "ui/show/message_tree.h"

/* "2026-01-02 10:00:00.000000 192.0.2.1:5060 -> 192.0.2.2:5060" */
static void append_when_and_where(Report *report, const Message *message)
{
  GString *text = report->text;
  char time[TIME_TEXT_MAX];

  clock_format(&report->clock, message->time_ns, time);
  g_string_append(text, time);
  g_string_append_printf(text, " %s", endpoint_set_text(&report->endpoints, message->src).data);
  g_string_append_printf(text, " -> %s", endpoint_set_text(&report->endpoints, message->dst).data);
}

/* The same, with the number and state of the message. */
static void append_heading(Report *report, const Message *message)
{
  GString *text = report->text;

  style_begin(text, STYLE_HEADING, &report->look);
  append_when_and_where(report, message);
  g_string_append_printf(text, _(" %s message %u call %u"), transport_name(message->transport),
                         message->number, message->transaction->call->number);
  if (message->flags & MESSAGE_RETRANSMISSION)
    g_string_append(text, _(" retransmission"));
  if (message->flags & MESSAGE_DUPLICATE)
    g_string_append(text, _(" duplicate"));
  if (message->flags & MESSAGE_INCOMPLETE)
    g_string_append(text, _(" incomplete"));
  style_end(text, STYLE_HEADING, &report->look);
  g_string_append_c(text, '\n');
}

/* Line by line, so that line ends are kept and everything else is made safe. */
static void append_safe_lines(Report *report, Slice bytes)
{
  while (bytes.len > 0) {
    text_append_safe(report->text, slice_take_line(&bytes), report->look.charset);
    g_string_append_c(report->text, '\n');
  }
}

void messages_whole(Report *report, const Arrival *arrival, const Message *message)
{
  enum { YEAR_END = 4, MONTH_END = 7 };
  Slice bytes = arrival->raw.octets;

  size_t start = report->text->len;
  append_when_and_where(report, message);
  bool has_date = report->clock.mode == TIME_ABSOLUTE && time_is_known(message->time_ns);
  if (has_date) /* as sngrep writes it */
    report->text->str[start + YEAR_END] = report->text->str[start + MONTH_END] = '/';
  g_string_append_c(report->text, '\n');
  if (report->setup.terminal)
    append_safe_lines(report, bytes);
  else
    g_string_append_len(report->text, bytes.data, (gssize) bytes.len);
  g_string_append(report->text, "\n\n");
  report_put_line(report);
}

/* --- Decoded: long names, values without folds, their parts (RFC 3261 20) --------------------- */

enum { PART_INDENT = 6, PART_WIDTH = 14 };

/* Header fields whose parts are shown. */
static const SipHeader PARTED[] = {
  SIP_HEADER_VIA,         SIP_HEADER_FROM,          SIP_HEADER_TO,
  SIP_HEADER_CONTACT,     SIP_HEADER_ROUTE,         SIP_HEADER_REFER_TO,
  SIP_HEADER_REFERRED_BY, SIP_HEADER_REPLY_TO,      SIP_HEADER_RECORD_ROUTE,
  SIP_HEADER_CSEQ,        SIP_HEADER_IDENTITY,      SIP_HEADER_NOTE,
  SIP_HEADER_SUBJECT,     SIP_HEADER_AUTHORIZATION, SIP_HEADER_PROXY_AUTHORIZATION,
};

static bool is_parted(const TreeNode *header)
{
  for (size_t i = 0; i < G_N_ELEMENTS(PARTED); i++)
    if (PARTED[i] == header->header)
      return true;
  return false;
}

static void append_part(Report *report, Slice name, Slice value, Slice note)
{
  text_append_spaces(report->text, PART_INDENT);
  text_append_cell(report->text, name, (TextCell){PART_WIDTH, TEXT_LEFT}, report->look.charset);
  text_append_safe(report->text, value, report->look.charset);
  if (note.len > 0) {
    g_string_append(report->text, " (");
    text_append_safe(report->text, note, report->look.charset);
    g_string_append_c(report->text, ')');
  }
  g_string_append_c(report->text, '\n');
}

/* A Via that cannot be parsed is shown as it is. */
static bool is_broken_via(const MessageTree *tree, size_t index)
{
  const TreeNode *node = &tree->nodes[index];

  return node->header == SIP_HEADER_VIA && !tree_node_has_children(tree, index) &&
         (node->kind == TREE_VALUE || (node->kind == TREE_HEADER && node->value.len > 0));
}

static void append_below(Report *report, const MessageTree *tree, size_t header)
{
  GString *text = report->text;

  for (size_t i = header + 1; i < tree->nodes[header].end; i++) {
    const TreeNode *node = &tree->nodes[i];

    if (node->kind == TREE_PARAM) { /* ";name" or ";name = value" */
      text_append_spaces(text, PART_INDENT);
      g_string_append_c(text, ';');
      text_append_safe(text, node->name, report->look.charset);
      g_string_append(text, node->value.data ? " = " : "");
      text_append_safe(text, node->value, report->look.charset);
      g_string_append_c(text, '\n');
    } else if (node->kind == TREE_PART) {
      append_part(report, node->name, node->value, node->note);
    } else if (is_broken_via(tree, i)) {
      append_part(report, SLICE("value"), node->value, SLICE_NONE);
    }
  }
}

static void append_headers(Report *report, const Message *message, const SipMsg *sip)
{
  const TreeFacts facts = {message, report->trace, &report->clock};
  MessageTree tree = message_tree_build_headers(&report->scratch, sip, &facts);
  GString *text = report->text;

  for (size_t i = 0; i < tree.count; i = tree.nodes[i].end) {
    const TreeNode *node = &tree.nodes[i];

    g_string_append(text, "  ");
    style_begin(text, STYLE_REQUEST, &report->look);
    text_append_safe(text, node->name, report->look.charset);
    style_end(text, STYLE_REQUEST, &report->look);
    g_string_append(text, ": ");
    text_append_safe(text, node->value, report->look.charset);
    g_string_append_c(text, '\n');
    if (!is_parted(node))
      continue;
    append_below(report, &tree, i);
    if (is_broken_via(&tree, i))
      append_part(report, SLICE("value"), node->value, SLICE_NONE);
  }
}

/* How the body was sent, when it is not shown so. */
static void append_coding(Report *report, const SipMsg *sip)
{
  if (!sip_msg_is_decoded(sip))
    return;
  g_string_append(report->text, "  [");
  text_append_safe(report->text, sip->content_encoding, report->look.charset);
  g_string_append_printf(report->text, _(": %zu bytes, decompressed to %zu%s]\n"), sip->body.len,
                         sip->content.bytes.len,
                         sip->content.state == SIP_CONTENT_CUT ? _(" and more") : "");
}

/* What a body says, a node a line, indented by its depth. */
static void append_node(Report *report, const TreeNode *node)
{
  GString *text = report->text;

  text_append_spaces(text, 2 + 2U * node->depth);
  text_append_safe(text, node->name, report->look.charset);
  if (node->value.data) {
    g_string_append(text, ": ");
    text_append_safe(text, node->value, report->look.charset);
  }
  if (node->note.len > 0) {
    g_string_append(text, " (");
    text_append_safe(text, node->note, report->look.charset);
    g_string_append_c(text, ')');
  }
  g_string_append_c(text, '\n');
}

/* Lines of text as they are; other bodies, and those of several parts, decoded. */
static void append_body(Report *report, const SipMsg *sip)
{
  Slice body = sip->content.bytes;

  if (!tree_body_is_text(sip)) {
    MessageTree tree = message_tree_build_body(&report->scratch, sip);
    for (size_t i = 0; i < tree.count; i++)
      append_node(report, &tree.nodes[i]);
    if (tree.cut)
      g_string_append(report->text, _("  and more\n"));
    return;
  }
  while (body.len > 0) {
    g_string_append(report->text, "  | ");
    text_append_safe(report->text, slice_take_line(&body), report->look.charset);
    g_string_append_c(report->text, '\n');
  }
}

static void append_decoded(Report *report, const Message *message, const SipMsg *sip)
{
  text_append_safe(report->text, sip->start_line, report->look.charset);
  g_string_append_c(report->text, '\n');
  append_headers(report, message, sip);
  append_coding(report, sip);
  append_body(report, sip);
  SipCheck check;
  sip_check(sip, &check);
  for (unsigned i = 0; i < MIN(check.count, SIP_CHECK_MAX); i++) {
    const SipAnomalyInfo *info = sip_anomaly_info(check.items[i].id);

    g_string_append_printf(report->text, _("  ! %s: %s (%s, byte %u)\n"),
                           _(sip_severity_name(info->severity)), _(info->text), info->section,
                           check.items[i].offset);
  }
  if (check.count > SIP_CHECK_MAX)
    g_string_append_printf(report->text, _("  ! and %u more\n"), check.count - SIP_CHECK_MAX);
}

/* -------------------------------------------------------------------------------------------- */

static void show_text(Report *report, const Arrival *arrival, const Message *message)
{
  const ReportSetup *setup = &report->setup;
  Slice raw = arrival->raw.octets;

  if (setup->to_file && !setup->decode && !setup->terminal) {
    messages_whole(report, arrival, message);
    return;
  }
  append_heading(report, message);
  if (setup->decode) {
    SipMsg sip = arrival->sip;
    sip_msg_decode(&sip, &report->scratch);
    append_decoded(report, message, &sip);
  } else if (setup->terminal || setup->ascii) {
    append_safe_lines(report, raw);
  } else {
    g_string_append_len(report->text, raw.data, (gssize) raw.len);
    if (raw.len > 0 && raw.data[raw.len - 1] != '\n')
      g_string_append_c(report->text, '\n');
  }
  g_string_append_c(report->text, '\n');
  report_put_line(report);
}

static void put_pair(Json *json, const char *key, FieldValue value)
{
  json_key(json, key);
  json_value(json, value);
}

static void put_anomalies(Json *json, const SipMsg *sip)
{
  SipCheck check;

  sip_check(sip, &check);
  json_key(json, "anomalies");
  json_begin_array(json);
  for (unsigned i = 0; i < MIN(check.count, SIP_CHECK_MAX); i++) {
    const SipAnomalyInfo *info = sip_anomaly_info(check.items[i].id);

    json_begin_object(json);
    put_pair(json, "id", value_string(info->id));
    put_pair(json, "severity", value_string(sip_severity_name(info->severity)));
    put_pair(json, "section", value_string(info->section));
    put_pair(json, "text", value_string(info->text));
    put_pair(json, "offset", value_number(check.items[i].offset));
    json_end_object(json);
  }
  json_end_array(json);
}

/* Nodes from *at to `end`, each with those below it. */
static void put_nodes(Json *json, const MessageTree *tree, size_t *at, size_t end)
{
  json_begin_array(json);
  while (*at < end) {
    const TreeNode *node = &tree->nodes[(*at)++];

    json_begin_object(json);
    put_pair(json, "name", value_text(node->name));
    put_pair(json, "value", value_text(node->value));
    put_pair(json, "note", value_text(node->note));
    if (node->end > *at) {
      json_key(json, "nodes");
      put_nodes(json, tree, at, node->end); /* at most TREE_DEPTH_MAX deep */
    }
    json_end_object(json);
  }
  json_end_array(json);
}

static void put_decoded_body(Report *report, const SipMsg *sip)
{
  MessageTree tree = message_tree_build_body(&report->scratch, sip);
  size_t at = 0;

  json_key(&report->json, "decoded");
  put_nodes(&report->json, &tree, &at, tree.count);
}

static void show_json(Report *report, const Arrival *arrival, const Message *message)
{
  Json *json = &report->json;
  EndpointSet *endpoints = &report->endpoints;
  SipMsg sip = arrival->sip;

  sip_msg_decode(&sip, &report->scratch);
  json_begin_object(json);
  put_pair(json, "message", value_number(message->number));
  put_pair(json, "frame", value_number(message->frame));
  put_pair(json, "time", value_time(message->time_ns));
  put_pair(json, "src", value_text(endpoint_set_text(endpoints, message->src)));
  put_pair(json, "dst", value_text(endpoint_set_text(endpoints, message->dst)));
  put_pair(json, "transport", value_string(transport_name(message->transport)));
  put_pair(json, "call", value_number(message->transaction->call->number));
  put_pair(json, "raw", value_text(arrival->raw.octets));
  SipHeaderIter iter = sip_header_iter(&sip);
  SipHeaderRow row;
  json_key(json, "headers");
  json_begin_array(json);
  while (sip_header_next(&iter, &row)) {
    json_begin_object(json);
    put_pair(json, "name", value_text(row.name));
    put_pair(json, "value", value_text(report_unfold(report, row.value)));
    json_end_object(json);
  }
  json_end_array(json);
  put_pair(json, "body", value_text(sip.content.bytes));
  if (report->setup.decode)
    put_decoded_body(report, &sip);
  put_anomalies(json, &sip);
  json_end_object(json);
  json_end_line(json);
}

/* What servers logged about the calls, after all of their messages.  Files for other programs have
 * messages alone. */
static void show_notes(Report *report)
{
  if (report->setup.to_file || trace_note_counts(report->trace).all == 0)
    return;
  for (size_t i = 0; i < report_call_count(report); i++) {
    const Call *call = report_call_at(report, i);
    const Note *notes = NULL;
    if (!call || trace_notes(report->trace, call, &notes) == 0)
      continue;
    g_autofree char *heading = g_strdup_printf(_("logs about call %u"), call->number);
    report_append_styled(report, slice_from_string(heading), STYLE_HEADING);
    g_string_append_c(report->text, '\n');
    call_notes_put_text(report, call);
    arena_reset(&report->scratch);
  }
}

static const ReportOps SHOW_TEXT = {.message = show_text, .end = show_notes, .reads_once = true};

const ReportOps SHOW_JSON = {
  .for_programs = true,
  .schemas =
    (const ReportSchema[]){
      {"", "{message:integer,frame:integer,time:time?,src:string,dst:string,transport:string,"
           "call:integer,raw:string,headers:[{name:string?,value:string}],body:string?,"
           "decoded?:[#node],anomalies:[{id:string,severity:string,section:string,text:string,"
           "offset:integer}]}"},
      {NULL, NULL}},
  .message = show_json,
  .reads_once = true};

const Subcommand SHOW_SUBCOMMAND = {
  .name = "show",
  .help = N_("whole messages, as they were sent or decoded"),
  .more =
    N_("Raw messages are written byte for byte; on a terminal, control characters are replaced.\n"
       "After them come the lines of logs about their calls, if servers copied any to HEP.\n"
       "With -w FILE text has the form of sngrep's .txt files: a line with time, source and\n"
       "destination, the message as it was sent, an empty line."),
  .takes =
    TAKES_REPORTING | TAKES_FILTER | TAKES_CALLS | TAKES_MESSAGES | TAKES_DECODE | TAKES_TIMES,
  .formats = (const ReportFormat[]){{"text", &SHOW_TEXT}, {"json", &SHOW_JSON}, {NULL, NULL}},
};
