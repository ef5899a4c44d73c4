/* GB/T 28181 in a MessageTree: what a MANSCDP body says, and the notes of ids, y=, f=, u= and
 * Subject. */
#include "capture/language.h"
#include "dissect/sip/gb_body.h"
#include "dissect/sip/gb_id.h"
#include "dissect/sip/gb_media.h"
#include "dissect/sip/gb_ptz.h"
#include "ui/show/tree_build.h"

Slice tree_gb_id_note(TreeBuilder *tree, Slice id)
{
  char text[GB_ID_TEXT_MAX];
  GbId read;

  if (!gb_id_read(id, &read))
    return SLICE_NONE;
  return arena_dup(tree->arena, slice_from_string(gb_id_format(&read, text)));
}

/* --- MANSCDP ---------------------------------------------------------------------------------- */

static void put_row(TreeBuilder *tree, const char *name, Slice value, Slice note)
{
  if (value.len > 0)
    tree_put(tree, &(TreeItem){.name = slice_from_string(_(name)),
                               .value = value,
                               .note = note,
                               .kind = TREE_LINE,
                               .style = STYLE_SDP});
}

static void put_ptz(TreeBuilder *tree, Slice hex)
{
  char text[GB_PTZ_TEXT_MAX];
  GbPtz ptz;

  if (hex.len == 0)
    return;
  if (!gb_ptz_read(hex, &ptz)) {
    tree_put_fault(
      tree, slice_from_string(_("PTZCmd is not eight bytes in hexadecimal that begin with A5")));
    return;
  }
  gb_ptz_say(&ptz, text);
  tree_put(tree, &(TreeItem){.name = SLICE("PTZ"),
                             .value = arena_dup(tree->arena, slice_from_string(text)),
                             .note = tree_format(tree, "address %u", ptz.address),
                             .octets = hex,
                             .kind = TREE_LINE,
                             .style = STYLE_SDP});
  if (!ptz.sum_is_right)
    tree_put_fault(tree, tree_format(tree, "PTZCmd has checksum %02X, but its bytes add up to %02X",
                                     ptz.bytes[GB_PTZ_LEN - 1], ptz.sum));
}

/* Which charset the body is in, when that is not what it declares. */
static void put_charset(TreeBuilder *tree, Slice body)
{
  Slice head = slice_head(body, slice_find(body, '>'));
  const char *hit = head.len > 0 ? memmem(head.data, head.len, "encoding=", 9) : NULL;

  if (!hit || !slice_starts_with(head, SLICE("<?xml")))
    return;
  Slice name = slice_from(head, (size_t) (hit - head.data) + 9);
  name = slice_from(name, 1);
  name = slice_head(name, MIN(slice_find(name, '"'), slice_find(name, '\'')));
  bool declares_gb = slice_starts_with_nocase(name, SLICE("GB"));
  bool is_ascii = true;
  for (size_t i = 0; i < body.len && is_ascii; i++)
    is_ascii = (uint8_t) body.data[i] < 0x80;
  if (is_ascii || declares_gb == tree->gb)
    return;
  put_row(tree, "charset", name,
          tree->gb ? slice_from_string(_("declared; it is not UTF-8, and shown as GB 18030"))
                   : slice_from_string(_("declared; it is valid UTF-8, and shown as that")));
}

/* "2 of 134" */
static void put_count(TreeBuilder *tree, const GbBody *gb)
{
  Slice here = tree_body_text(tree, gb->num.len > 0 ? gb->num : SLICE("0"));
  uint32_t sum;

  if (!slice_to_u32(gb->sum_num, &sum))
    return;
  tree_put(tree, &(TreeItem){.name = slice_from_string(_("items")),
                             .value = tree_format(tree, "%.*s of %u", SLICE_ARG(here), sum),
                             .note = slice_from_string(_("of the answer are in this message")),
                             .kind = TREE_LINE,
                             .style = STYLE_SDP,
                             .is_utf8 = true});
}

void tree_put_gb(TreeBuilder *tree, Slice body)
{
  GbBody gb;

  if (!gb_body_read(body, &gb))
    return;
  put_row(tree, "command", gb.command, slice_from_string(_(gb_kind_name(gb.kind))));
  put_row(tree, "SN", gb.sn, SLICE_NONE);
  put_row(tree, "device", gb.device, tree_gb_id_note(tree, gb.device));
  put_row(tree, "result", gb.result, SLICE_NONE);
  put_count(tree, &gb);
  put_row(tree, "action", gb.action, gb.value);
  put_ptz(tree, gb.ptz);
  put_charset(tree, body);
}

/* --- session descriptions, Subject ------------------------------------------------------------ */

Slice tree_gb_sdp_note(TreeBuilder *tree, char type, Slice value)
{
  char text[GB_FORMAT_TEXT_MAX];
  bool is_record = false;
  uint32_t ssrc;
  Slice channel;
  const char *source;

  switch (type) {
  case 'y':
    if (!gb_ssrc_read(slice_trim(value), &ssrc, &is_record))
      return slice_from_string(_("not an SSRC of ten digits"));
    return tree_format(tree, "0x%08x, %s", ssrc, is_record ? _("record") : _("live"));
  case 'f':
    return arena_dup(tree->arena, slice_from_string(gb_format_text(slice_trim(value), text)));
  case 'u':
    source = gb_source_type(value, &channel);
    return source && tree_gb_id_note(tree, channel).data ? slice_from_string(source) : SLICE_NONE;
  default:
    return SLICE_NONE;
  }
}

void tree_put_gb_subject(TreeBuilder *tree, Slice value)
{
  GbSubject subject;

  if (!gb_subject_read(value, &subject))
    return;
  tree_put(tree, &(TreeItem){.name = slice_from_string(_("sender")),
                             .value = subject.sender,
                             .note = tree_gb_id_note(tree, subject.sender),
                             .kind = TREE_PART});
  tree_put_part(tree, "sequence", subject.sender_sequence);
  if (subject.receiver.len > 0)
    tree_put(tree, &(TreeItem){.name = slice_from_string(_("receiver")),
                               .value = subject.receiver,
                               .note = tree_gb_id_note(tree, subject.receiver),
                               .kind = TREE_PART});
  tree_put_part(tree, "sequence", subject.receiver_sequence);
}
