/* The body of a MESSAGE of GB/T 28181: as it is shown, in any charset; and its bytes as PTZCmd, as
 * the lines f=, y= and u=, and as Subject. */
#include "dissect/sip/gb_body.h"
#include "dissect/sip/gb_id.h"
#include "dissect/sip/gb_media.h"
#include "dissect/sip/gb_play.h"
#include "dissect/sip/gb_ptz.h"
#include "dissect/sip/gb_text.h"
#include "ui/show/message_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_within(Slice part, Slice whole)
{
  return !part.data || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void read_values(Slice octets)
{
  char words[GB_PLAY_TEXT_MAX];
  char format[GB_FORMAT_TEXT_MAX], moves[GB_PTZ_TEXT_MAX], place[GB_ID_TEXT_MAX];
  GbSubject subject;
  Slice channel;
  GbPlay play;
  GbPtz ptz;
  GbId id;

  g_assert(strlen(gb_format_text(octets, format)) < sizeof format);
  if (gb_ptz_read(octets, &ptz))
    g_assert(strlen(gb_ptz_format(&ptz, moves)) < sizeof moves);
  if (gb_play_read(octets, &play))
    g_assert(strlen(gb_play_format(&play, words)) < sizeof words && is_within(play.range, octets) &&
             is_within(play.scale, octets));
  if (gb_id_read(octets, &id))
    g_assert(strlen(gb_id_format(&id, place)) < sizeof place);
  if (gb_subject_read(octets, &subject))
    g_assert(is_within(subject.sender, octets) && is_within(subject.receiver_sequence, octets));
  if (gb_source_type(octets, &channel))
    g_assert(is_within(channel, octets));
  g_assert(is_within(gb_sdp_ssrc(octets), octets));
}

static void show(Arena *arena, const SipMsg *sip)
{
  MessageTree tree = message_tree_build_body(arena, sip);

  g_assert(tree.count <= TREE_NODES_MAX);
  for (size_t i = 0; i < tree.count; i++)
    g_assert(tree.nodes[i].end > i && tree.nodes[i].end <= tree.count &&
             tree.nodes[i].octets.offset + (size_t) tree.nodes[i].octets.len <= sip->raw.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Slice octets = slice_of((const char *) data, size);
  g_autoptr(GString) text =
    g_string_new("MESSAGE sip:a@b SIP/2.0\r\nContent-Type: Application/MANSCDP+xml\r\n\r\n");
  GbBody body;
  SipMsg sip;
  Arena arena;

  read_values(octets);
  if (gb_body_read(octets, &body))
    g_assert(body.command.len > 0 && is_within(body.command, octets) &&
             is_within(body.value, octets) && is_within(body.num, octets));
  g_string_append_len(text, octets.data, (gssize) size);
  if (sip_msg_parse(slice_of(text->str, text->len), false, &sip) != SIP_OK)
    return 0;
  arena_init(&arena, 4096);
  show(&arena, &sip);
  (void) gb_text_to_utf8(&arena, octets);
  arena_clear(&arena);
  return 0;
}
