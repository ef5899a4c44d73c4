/* ISUP messages (ITU-T Q.763) in a MessageTree: the message type, and a node for each parameter. */
#include "capture/language.h"
#include "dissect/sip/isup.h"
#include "ui/show/message_raw.h"
#include "ui/show/tree_build.h"

enum { BYTES_SHOWN = 24 };

/* A text of isup.h; NULL if it is. */
static const char *said(const char *text)
{
  return text ? translate_as("isup", text) : NULL;
}

/* "national, E.164, restricted, network provided" */
static Slice number_note(TreeBuilder *tree, const IsupNumber *number)
{
  const char *const words[] = {said(number->nature),
                               said(number->plan),
                               said(number->presentation),
                               said(number->screening),
                               number->has_end ? _("complete (ST)") : NULL,
                               number->is_cut ? _("and more digits") : NULL};
  g_autoptr(GString) text = g_string_new(NULL);

  for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
    if (words[i])
      g_string_append_printf(text, "%s%s", text->len > 0 ? _(", ") : "", words[i]);
  return arena_dup(tree->arena, slice_of(text->str, text->len));
}

static Slice hex_text(TreeBuilder *tree, Slice bytes)
{
  g_autoptr(GString) hex = g_string_new(NULL);

  message_copy_append_hex(hex, slice_head(bytes, BYTES_SHOWN));
  return arena_dup(tree->arena, slice_of(hex->str, hex->len));
}

static void set_cause(TreeBuilder *tree, const IsupCause *cause, TreeItem *item)
{
  const char *text = cause->is_q850 ? q850_cause_text(cause->value) : NULL;

  item->value = tree_format(tree, "%u%s%s", cause->value, text ? _(": ") : "", text ? _(text) : "");
  item->note =
    tree_format(tree, "%s%s%s", cause->is_q850 ? "Q.850" : _("not of ITU-T"),
                cause->location ? _(", from ") : "", cause->location ? said(cause->location) : "");
}

/* "satellites none, continuity check not required", or its bytes. */
static Slice indicators_text(TreeBuilder *tree, const IsupParam *param)
{
  g_autoptr(GString) text = g_string_new(NULL);
  IsupIndicator indicator;

  for (unsigned i = 0; isup_indicator(param, i, &indicator); i++) {
    g_string_append(text, i > 0 ? _(", ") : "");
    if (indicator.name)
      g_string_append_printf(text, "%s ", said(indicator.name));
    if (indicator.text)
      g_string_append(text, said(indicator.text));
    else
      g_string_append_printf(text, "%u", indicator.value);
  }
  return text->len > 0 ? arena_dup(tree->arena, slice_of(text->str, text->len))
                       : hex_text(tree, param->bytes);
}

static void put_param(TreeBuilder *tree, const IsupParam *param)
{
  TreeItem item = {.octets = param->bytes, .kind = TREE_LINE};
  IsupNumber number;
  IsupCause cause;

  item.name = param->name ? slice_from_string(said(param->name))
                          : tree_format(tree, "parameter 0x%02x", param->code);
  if (isup_number(param, &number)) {
    item.value = tree_format(tree, "%s", number.digits);
    item.note = number_note(tree, &number);
  } else if (isup_cause(param, &cause)) {
    set_cause(tree, &cause, &item);
    item.style = STYLE_SDP;
  } else {
    item.value = indicators_text(tree, param);
  }
  tree_put(tree, &item);
}

bool tree_put_isup(TreeBuilder *tree, Slice content_type, Slice body)
{
  IsupParam param;
  Isup isup;

  if (!isup_parse(body, isup_is_ansi(content_type), &isup))
    return true;
  Slice name = isup.name ? tree_format(tree, "%s%s%s", isup.name, _(", "), said(isup.phrase))
                         : tree_format(tree, "0x%02x", isup.type);
  tree_put(tree, &(TreeItem){.name = slice_from_string(_("message")),
                             .value = name,
                             .octets = slice_head(body, 1),
                             .kind = TREE_LINE,
                             .style = STYLE_SDP});
  if (!isup.name)
    tree_put(tree, &(TreeItem){.name = slice_from_string(_("bytes")),
                               .value = hex_text(tree, body),
                               .note = body.len > BYTES_SHOWN ? slice_from_string(_("and more"))
                                                              : SLICE_NONE,
                               .octets = body,
                               .kind = TREE_LINE});
  while (!tree->cut && isup_param_next(&isup, &param))
    put_param(tree, &param);
  if (isup.faulty)
    tree_put_fault(tree, slice_from_string(_("a length leads out of the ISUP message")));
  return true;
}
