/* A message header by header: long names, values without folds, and the parts of those that have
 * any (RFC 3261 20). */
#include "dissect/sip/sip_check.h"
#include "ui/report/reports.h"
#include "ui/show/message_tree.h"

enum { PART_INDENT = 6, PART_WIDTH = 14 };

/* Header fields whose parts are shown. */
static const SipHeader PARTED[] = {
  SIP_HEADER_VIA,          SIP_HEADER_FROM,     SIP_HEADER_TO,          SIP_HEADER_CONTACT,
  SIP_HEADER_ROUTE,        SIP_HEADER_REFER_TO, SIP_HEADER_REFERRED_BY, SIP_HEADER_REPLY_TO,
  SIP_HEADER_RECORD_ROUTE, SIP_HEADER_CSEQ,
};

static bool is_parted(const TreeNode *header)
{
  for (size_t i = 0; i < G_N_ELEMENTS(PARTED); i++)
    if (PARTED[i] == header->header)
      return true;
  return false;
}

static void append_part(Report *report, Slice name, Slice value)
{
  text_append_spaces(report->text, PART_INDENT);
  text_append_cell(report->text, name, (TextCell){PART_WIDTH, TEXT_LEFT}, report->look.charset);
  text_append_safe(report->text, value, report->look.charset);
  g_string_append_c(report->text, '\n');
}

/* ";name" or ";name = value". */
static void append_param(Report *report, const TreeNode *node)
{
  text_append_spaces(report->text, PART_INDENT);
  g_string_append_c(report->text, ';');
  text_append_safe(report->text, node->name, report->look.charset);
  if (node->value.data)
    g_string_append(report->text, " = ");
  text_append_safe(report->text, node->value, report->look.charset);
  g_string_append_c(report->text, '\n');
}

static void append_header(Report *report, const TreeNode *node)
{
  GString *text = report->text;

  g_string_append(text, "  ");
  style_begin(text, STYLE_REQUEST, &report->look);
  text_append_safe(text, node->name, report->look.charset);
  style_end(text, STYLE_REQUEST, &report->look);
  g_string_append(text, ": ");
  text_append_safe(text, node->value, report->look.charset);
  g_string_append_c(text, '\n');
}

/* A Via that cannot be taken apart is shown as it is. */
static bool is_broken_via(const MessageTree *tree, size_t index)
{
  const TreeNode *node = &tree->nodes[index];

  return node->header == SIP_HEADER_VIA && !tree_node_has_children(tree, index) &&
         (node->kind == TREE_VALUE || (node->kind == TREE_HEADER && node->value.len > 0));
}

static void append_below(Report *report, const MessageTree *tree, size_t header)
{
  for (size_t i = header + 1; i < tree->nodes[header].end; i++) {
    const TreeNode *node = &tree->nodes[i];

    if (node->kind == TREE_PARAM) {
      append_param(report, node);
    } else if (node->kind == TREE_PART) {
      append_part(report, node->name, node->value);
    } else if (is_broken_via(tree, i)) {
      append_part(report, SLICE("value"), node->value);
    }
  }
}

static void append_headers(Report *report, const SipMsg *sip)
{
  MessageTree tree = message_tree_build_headers(&report->scratch, sip);

  for (size_t i = 0; i < tree.count; i = tree.nodes[i].end) {
    append_header(report, &tree.nodes[i]);
    if (!is_parted(&tree.nodes[i]))
      continue;
    append_below(report, &tree, i);
    if (is_broken_via(&tree, i))
      append_part(report, SLICE("value"), tree.nodes[i].value);
  }
}

static void append_anomalies(Report *report, const SipMsg *sip)
{
  SipCheck check;

  sip_check(sip, &check);
  for (unsigned i = 0; i < MIN(check.count, SIP_CHECK_MAX); i++) {
    const SipAnomalyInfo *info = sip_anomaly_info(check.items[i].id);

    g_string_append_printf(report->text, "  ! %s: %s (%s, octet %u)\n",
                           sip_severity_name(info->severity), info->text, info->section,
                           check.items[i].offset);
  }
  if (check.count > SIP_CHECK_MAX)
    g_string_append_printf(report->text, "  ! and %u more\n", check.count - SIP_CHECK_MAX);
}

static void append_body(Report *report, Slice body)
{
  while (body.len > 0) {
    g_string_append(report->text, "  | ");
    text_append_safe(report->text, slice_take_line(&body), report->look.charset);
    g_string_append_c(report->text, '\n');
  }
}

void show_decoded(Report *report, const SipMsg *sip)
{
  text_append_safe(report->text, sip->start_line, report->look.charset);
  g_string_append_c(report->text, '\n');
  append_headers(report, sip);
  append_body(report, sip->body);
  append_anomalies(report, sip);
}
