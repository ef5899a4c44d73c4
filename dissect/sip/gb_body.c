#include "dissect/sip/gb_body.h"

#include <glib.h>

#include "capture/language.h"

#include "dissect/sip/sip_body.h"

const char *gb_kind_name(GbKind kind)
{
  static const char *const NAMES[GB_KIND_COUNT] = {
    [GB_CONTROL] = N_("control"),
    [GB_QUERY] = N_("query"),
    [GB_RESPONSE] = N_("response"),
    [GB_NOTIFY] = N_("notify"),
  };

  return NAMES[kind];
}

static GbKind kind_of_root(Slice name)
{
  static const char *const ROOTS[GB_KIND_COUNT] = {
    [GB_CONTROL] = "Control",
    [GB_QUERY] = "Query",
    [GB_RESPONSE] = "Response",
    [GB_NOTIFY] = "Notify",
  };

  for (GbKind kind = GB_CONTROL; kind < GB_KIND_COUNT; kind++)
    if (slice_eq_nocase(name, slice_from_string(ROOTS[kind])))
      return kind;
  return GB_NONE;
}

typedef struct {
  Slice name, attributes;
  Slice text; /* to the next tag */
  bool ends;  /* </name> */
  bool empty; /* <name/> */
} Tag;

/* The next tag of an element; comments and declarations are skipped.  "<" and ">" are never part
 * of a longer character of GB 18030. */
static bool next_tag(Slice *rest, Tag *ret_tag)
{
  while (rest->len > 0) {
    *rest = slice_from(*rest, slice_find(*rest, '<') + 1);
    bool is_comment = slice_starts_with(*rest, SLICE("!--"));
    const char *end = is_comment      ? memmem(rest->data, rest->len, "-->", 3)
                      : rest->len > 0 ? memchr(rest->data, '>', rest->len)
                                      : NULL;
    if (!end)
      return false;
    Slice tag = slice_head(*rest, (size_t) (end - rest->data));
    *rest = slice_from(*rest, tag.len + (is_comment ? 3 : 1));
    if (tag.len == 0 || tag.data[0] == '!' || tag.data[0] == '?')
      continue;
    bool ends = tag.data[0] == '/', empty = tag.data[tag.len - 1] == '/';
    tag = slice_from(slice_head(tag, tag.len - (empty && !ends)), ends);
    size_t len = 0;
    while (len < tag.len && !slice_is_blank(tag.data[len]))
      len++;
    *ret_tag = (Tag){slice_head(tag, len), slice_trim(slice_from(tag, len)),
                     slice_trim(slice_head(*rest, slice_find(*rest, '<'))), ends, empty};
    return true;
  }
  return false;
}

/* Num="2" */
static Slice attribute_num(Slice attributes)
{
  Slice value = attributes, name = slice_trim(slice_cut(&value, '='));

  value = slice_trim(value);
  if (!slice_eq_nocase(name, SLICE("Num")) || value.len < 2)
    return SLICE_NONE;
  char quote = value.data[0];
  value = slice_from(value, 1);
  return slice_trim(slice_cut(&value, quote));
}

static void note_child(GbBody *body, const Tag *tag)
{
  const struct {
    const char *name;
    Slice *place;
  } NAMED[] = {
    {"CmdType", &body->command}, {"SN", &body->sn},         {"DeviceID", &body->device},
    {"TargetID", &body->device}, {"Result", &body->result}, {"SumNum", &body->sum_num},
    {"Status", &body->status},   {"PTZCmd", &body->ptz},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(NAMED); i++)
    if (slice_eq_nocase(tag->name, slice_from_string(NAMED[i].name))) {
      if (!NAMED[i].place->data)
        *NAMED[i].place = tag->text;
      return;
    }
  if (!body->num.data)
    body->num = attribute_num(tag->attributes);
  if (body->kind != GB_CONTROL || body->action.data || slice_eq_nocase(tag->name, SLICE("Info")))
    return;
  body->action = tag->name;
  body->value = tag->text;
}

bool gb_body_read(Slice octets, GbBody *ret_body)
{
  Slice rest = slice_head(octets, GB_SCAN_MAX);
  GbBody body = {.kind = GB_NONE};
  unsigned depth = 0;
  Tag tag;

  for (unsigned tags = 0; tags < GB_TAGS_MAX && next_tag(&rest, &tag); tags++) {
    if (depth == 0 && !tag.ends) {
      body.kind = kind_of_root(tag.name);
      if (body.kind == GB_NONE)
        return false;
    } else if (depth == 1 && !tag.ends) {
      note_child(&body, &tag);
    }
    depth += !tag.ends && !tag.empty;
    if (tag.ends && (depth == 0 || --depth == 0))
      break;
  }
  if (body.kind == GB_NONE || body.command.len == 0)
    return false;
  *ret_body = body;
  return true;
}

bool sip_msg_may_have_gb(const SipMsg *msg)
{
  if (msg->body.len == 0)
    return false;
  if (!msg->content_type.data)
    return slice_starts_with(slice_trim(slice_head(msg->body, GB_SCAN_MAX)), SLICE("<"));
  return sip_media_type_is(msg->content_type, SLICE("application"), SLICE("manscdp+xml"));
}

bool sip_msg_gb(const SipMsg *msg, GbBody *ret_body)
{
  return sip_msg_may_have_gb(msg) && gb_body_read(msg->content.bytes, ret_body);
}

bool gb_control_is_answered(const GbBody *body)
{
  static const char *const ANSWERED[] = {
    "RecordCmd", "GuardCmd", "AlarmCmd", "HomePosition", "DeviceUpgrade",
  };

  if (body->kind != GB_CONTROL)
    return body->kind == GB_QUERY;
  if (slice_eq_nocase(body->command, SLICE("DeviceConfig")))
    return true;
  for (size_t i = 0; i < G_N_ELEMENTS(ANSWERED); i++)
    if (slice_eq_nocase(body->action, slice_from_string(ANSWERED[i])))
      return true;
  return false;
}
