#include "ui/show/message_tree.h"

#include "dissect/sip/sip_check.h"
#include "ui/show/gb_text.h"
#include "ui/show/tree_build.h"

/* --- what the trace knows --- */

static void put_fact(TreeBuilder *tree, const char *name, Slice value, Slice note)
{
  tree_put(
    tree,
    &(TreeItem){.name = slice_from_string(name), .value = value, .note = note, .kind = TREE_FACT});
}

static Slice endpoint_text(TreeBuilder *tree, const Trace *trace, uint32_t id)
{
  char text[ENDPOINT_TEXT_MAX];

  return arena_dup(tree->arena,
                   slice_from_string(endpoint_format(trace_endpoint(trace, id), text)));
}

static const struct {
  unsigned flag;
  const char *text;
} MARKS[] = {
  {MESSAGE_RETRANSMISSION, "retransmission"},
  {MESSAGE_DUPLICATE, "duplicate: the same packet, captured again"},
  {MESSAGE_INCOMPLETE, "incomplete: octets are missing"},
  {MESSAGE_MALFORMED, "malformed"},
};

static void put_marks(TreeBuilder *tree, const Message *message)
{
  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
    if (message->flags & MARKS[i].flag)
      tree_put(tree, &(TreeItem){.name = SLICE("mark"),
                                 .value = slice_from_string(MARKS[i].text),
                                 .kind = TREE_FACT,
                                 .style = STYLE_WARNING});
}

static const char *dialog_state(const Dialog *dialog)
{
  static const char *const STATES[] = {
    [DIALOG_EARLY] = "early",
    [DIALOG_CONFIRMED] = "confirmed",
    [DIALOG_TERMINATED] = "terminated",
  };

  return STATES[dialog->state];
}

static void put_whereabouts(TreeBuilder *tree, const TreeFacts *facts)
{
  const Transaction *transaction = facts->message->transaction;
  const Dialog *dialog = facts->message->dialog;
  Slice method = trace_method_name(facts->trace, transaction->method);

  put_fact(tree, "call", tree_format(tree, "%u", transaction->call->number),
           arena_dup(tree->arena, transaction->call->call_id));
  put_fact(tree, "transaction", tree_format(tree, "%u", transaction->number),
           tree_format(tree, "%.*s %u", SLICE_ARG(method), transaction->cseq));
  if (dialog)
    put_fact(tree, "dialog", tree_format(tree, "%u", dialog->number),
             slice_from_string(dialog_state(dialog)));
}

static void put_facts(TreeBuilder *tree, const TreeFacts *facts)
{
  const Message *message = facts->message;
  const char *transport = transport_name((Transport) message->transport);
  Slice src = endpoint_text(tree, facts->trace, message->src);
  Slice dst = endpoint_text(tree, facts->trace, message->dst);
  char time[TIME_TEXT_MAX];

  tree_begin(tree, &(TreeItem){.name = SLICE("Message"),
                               .value = tree_format(tree, "%u  %.*s -> %.*s %s", message->number,
                                                    SLICE_ARG(src), SLICE_ARG(dst), transport),
                               .kind = TREE_SECTION,
                               .closed = true});
  clock_format(facts->clock, message->time_ns, time);
  put_fact(tree, "time", tree_format(tree, "%s", time), SLICE_NONE);
  put_fact(tree, "frame", tree_format(tree, "%" G_GUINT64_FORMAT, message->frame), SLICE_NONE);
  put_fact(tree, "source", src, SLICE_NONE);
  put_fact(tree, "destination", dst, SLICE_NONE);
  put_fact(tree, "transport", slice_from_string(transport), SLICE_NONE);
  put_fact(tree, "length", tree_format(tree, "%u octets", message->len), SLICE_NONE);
  put_whereabouts(tree, facts);
  put_marks(tree, message);
  tree_end(tree);
}

/* --- what is wrong --- */

static Style style_of_severity(SipSeverity severity)
{
  static const Style STYLES_OF[] = {
    [SIP_SEVERITY_NOTE] = STYLE_HINT,
    [SIP_SEVERITY_WARNING] = STYLE_WARNING,
    [SIP_SEVERITY_ERROR] = STYLE_ERROR,
  };

  return STYLES_OF[severity];
}

static void put_flaw(TreeBuilder *tree, const SipAnomaly *anomaly)
{
  const SipAnomalyInfo *info = sip_anomaly_info(anomaly->id);
  size_t last = tree->raw.len > 0 ? tree->raw.len - 1 : 0;

  tree_put(tree,
           &(TreeItem){.name = slice_from_string(sip_severity_name(info->severity)),
                       .value = slice_from_string(info->text),
                       .note = slice_from_string(info->section),
                       .octets = slice_head(slice_from(tree->raw, MIN(anomaly->offset, last)), 1),
                       .kind = TREE_FLAW,
                       .style = style_of_severity(info->severity)});
}

static void put_flaws(TreeBuilder *tree, const SipCheck *check)
{
  unsigned shown = MIN(check->count, SIP_CHECK_MAX);

  if (shown == 0)
    return;
  tree_begin(tree, &(TreeItem){.name = SLICE("Anomalies"),
                               .value = tree_format(tree, "%u", check->count),
                               .note = slice_from_string(sip_severity_name(check->worst)),
                               .kind = TREE_SECTION,
                               .style = style_of_severity(check->worst)});
  for (unsigned i = 0; i < shown; i++)
    put_flaw(tree, &check->items[i]);
  if (check->count > shown)
    tree_put(tree, &(TreeItem){.name = SLICE("more"),
                               .value = tree_format(tree, "%u", check->count - shown),
                               .kind = TREE_FLAW});
  tree_end(tree);
}

/* The deepest node of each flaw's octet has its colour; those of the whole message point at its
 * first octet. */
static void colour_flaws(TreeBuilder *tree, const SipCheck *check)
{
  MessageTree built = {(const TreeNode *) (void *) tree->nodes->data, tree->nodes->len, false};

  for (unsigned i = 0; i < MIN(check->count, SIP_CHECK_MAX); i++) {
    size_t at = message_tree_node_at(&built, check->items[i].offset);
    SipSeverity severity = sip_anomaly_info(check->items[i].id)->severity;

    if (check->items[i].offset > 0 && at < built.count && severity > SIP_SEVERITY_NOTE)
      g_array_index(tree->nodes, TreeNode, at).style = (uint8_t) style_of_severity(severity);
  }
}

/* --- the message --- */

static const char *status_class(unsigned status)
{
  static const char *const CLASSES[] = {
    NULL, "provisional", "success", "redirection", "client error", "server error", "global failure",
  };

  return status / 100 < G_N_ELEMENTS(CLASSES) ? CLASSES[status / 100] : NULL;
}

static void put_status_line(TreeBuilder *tree, const SipMsg *sip)
{
  Slice behind = sip->start_line, version = slice_cut(&behind, ' ');
  Slice code = slice_trim(behind);

  tree_put_part(tree, "version", version);
  tree_put(tree, &(TreeItem){.name = SLICE("status"),
                             .value = slice_head(code, slice_find(code, ' ')),
                             .note = slice_from_string(status_class(sip->status)),
                             .kind = TREE_PART,
                             .style = style_of_status(sip->status)});
  tree_put_part(tree, "reason", sip->reason);
}

static void put_request_line(TreeBuilder *tree, const SipMsg *sip)
{
  const char *end = sip->start_line.data + sip->start_line.len;
  const char *uri_end = sip->uri.data ? sip->uri.data + sip->uri.len : end;

  tree_put_part(tree, "method", sip->method_text);
  tree_put_uri(tree, "Request-URI", sip->uri);
  if (end > uri_end)
    tree_put_part(tree, "version", slice_trim(slice_of(uri_end, (size_t) (end - uri_end))));
}

static void put_start_line(TreeBuilder *tree, const SipMsg *sip)
{
  tree_begin(tree, &(TreeItem){.name = sip->is_request ? SLICE("Request") : SLICE("Response"),
                               .value = sip->start_line,
                               .kind = TREE_SECTION,
                               .style = style_of_status(sip->status),
                               .closed = true});
  if (sip->is_request)
    put_request_line(tree, sip);
  else
    put_status_line(tree, sip);
  tree_end(tree);
}

/* RFC 3261 18.3: octets that no one reads. */
static void put_extra(TreeBuilder *tree, const SipMsg *sip)
{
  Slice extra = slice_from(sip->raw, sip->header_len + sip->body.len);

  if (extra.len > 0)
    tree_put(tree, &(TreeItem){.name = SLICE("Behind it"),
                               .value = tree_format(tree, "%zu octets", extra.len),
                               .note = SLICE("not part of the message"),
                               .octets = extra,
                               .kind = TREE_SECTION,
                               .style = STYLE_WARNING});
}

static TreeBuilder builder_of(Arena *arena, const SipMsg *sip, size_t node_max)
{
  return (TreeBuilder){
    .arena = arena,
    .raw = sip->raw,
    .nodes = g_array_new(false, false, sizeof(TreeNode)),
    .node_max = node_max,
    .time_ns = TIME_NONE,
  };
}

/* Moves the nodes to the arena. */
static MessageTree finish(TreeBuilder *tree)
{
  MessageTree finished = {
    .nodes = arena_copy(tree->arena, tree->nodes->data, tree->nodes->len * sizeof(TreeNode)),
    .count = tree->nodes->len,
    .cut = tree->cut,
  };

  g_array_unref(tree->nodes);
  return finished;
}

MessageTree message_tree_build(Arena *arena, const SipMsg *sip, const TreeFacts *facts)
{
  TreeBuilder tree = builder_of(arena, sip, TREE_NODES_MAX);
  SipHeaderIter iter = sip_header_iter(sip);
  SipCheck check;

  sip_check(sip, &check);
  if (facts) {
    tree.time_ns = facts->message->time_ns;
    put_facts(&tree, facts);
  }
  put_flaws(&tree, &check);
  put_start_line(&tree, sip);
  tree_put_headers(&tree, &iter);
  tree.gb = gb_text_is_body(sip);
  tree_put_body(&tree, sip->content_type, sip->body);
  put_extra(&tree, sip);
  colour_flaws(&tree, &check);
  return finish(&tree);
}

MessageTree message_tree_build_headers(Arena *arena, const SipMsg *sip)
{
  TreeBuilder tree = builder_of(arena, sip, UINT32_MAX);
  SipHeaderIter iter = sip_header_iter(sip);

  tree_put_headers(&tree, &iter);
  return finish(&tree);
}

size_t message_tree_node_at(const MessageTree *tree, size_t offset)
{
  size_t found = tree->count;

  for (size_t i = 0; i < tree->count; i++) {
    const TreeNode *node = &tree->nodes[i];
    bool deeper = found == tree->count || node->depth >= tree->nodes[found].depth;

    if (node->kind != TREE_FLAW && deeper && octets_has(node->octets, offset))
      found = i;
  }
  return found;
}

size_t message_tree_parent(const MessageTree *tree, size_t node)
{
  uint8_t depth = tree->nodes[node].depth;

  while (depth > 0 && node > 0)
    if (tree->nodes[--node].depth < depth)
      return node;
  return tree->count;
}
