#include "ui/show/device_text.h"

#include "capture/language.h"
#include "dissect/sip/gb_id.h"
#include "dissect/sip/sip_names.h"

const char *device_role_name(const GbDevice *device)
{
  static const char *const NAMES[] = {
    [GB_ROLE_OTHER] = N_("other"),
    [GB_ROLE_PLATFORM] = N_("platform"),
    [GB_ROLE_DEVICE] = N_("device"),
    [GB_ROLE_CHANNEL] = N_("channel"),
  };

  return NAMES[device->role];
}

static void append_slice(GString *to, const char *before, Slice value)
{
  if (value.len == 0)
    return;
  g_string_append(to, before);
  g_string_append_len(to, value.data, (gssize) value.len);
}

static void append_time(const DeviceText *text, const char *before, int64_t time_ns, GString *to)
{
  char time[TIME_TEXT_MAX];

  if (time_ns != TIME_NONE)
    g_string_append_printf(to, "%s%s", before, clock_format(text->clock, time_ns, time));
}

/* --- facts ------------------------------------------------------------------------------------ */

static void append_keepalives(const DeviceText *text, const GbDevice *d, GString *to)
{
  char period[TIME_TEXT_MAX], jitter[TIME_TEXT_MAX];

  if (d->keepalives == 0)
    return;
  append_time(text, _("; last keep-alive "), d->keepalive_ns, to);
  if (d->period_ns < 0)
    return;
  g_string_append_printf(to, _(", every %s, jitter %s"), duration_format(d->period_ns, period),
                         duration_format(d->jitter_ns, jitter));
  if (d->missed > 0)
    g_string_append_printf(to, _(", %u missed"), d->missed);
}

void device_append_facts(const DeviceText *text, const GbDevice *d, GString *to)
{
  char type[GB_ID_TEXT_MAX];
  GbId id;

  if (gb_id_read(d->id, &id) && id.type_name)
    append_slice(to, _("; "), slice_from_string(gb_id_format(&id, type)));
  append_slice(to, _("; "), d->manufacturer);
  append_slice(to, " ", d->model);
  append_slice(to, _("; version "), d->version);
  append_time(text, _("; registered "), d->registered_ns, to);
  append_time(text, _(", until "), d->is_removed ? TIME_NONE : d->expires_ns, to);
  append_keepalives(text, d, to);
  append_time(text, _("; last alarm "), d->alarm_ns, to);
  append_slice(to, _(": "), d->alarm);
}

/* --- events ----------------------------------------------------------------------------------- */

/* "refused (403)", "no answer" */
static void append_refusal(const GbDeviceEvent *event, GString *to)
{
  if (event->status == 0)
    g_string_append(to, _("no answer"));
  else
    g_string_append_printf(to, _("refused (%u)"), event->status);
}

static void append_run(const DeviceText *text, const GbDeviceEvent *event, GString *to)
{
  char each[TIME_TEXT_MAX];

  if (event->count <= 1) {
    g_string_append(to, _("1 keep-alive"));
    return;
  }
  g_string_append_printf(to, _("%" G_GUINT64_FORMAT " keep-alives"), event->count);
  append_time(text, _(" until "), event->until_ns, to);
  int64_t took_ns = (event->until_ns - event->time_ns) / (int64_t) (event->count - 1);
  g_string_append_printf(to, _(", every %s"), duration_format(took_ns, each));
}

static void append_silence(const DeviceText *text, const GbDeviceEvent *event, GString *to)
{
  g_string_append_printf(to, _("offline: %" G_GUINT64_FORMAT " keep-alives missing since then"),
                         event->count);
  append_time(text, _(", back at "), event->until_ns, to);
}

static void append_answer(const GbDeviceEvent *event, GString *to)
{
  append_slice(to, "", event->what);
  if (event->parts == 0)
    g_string_append(to, _(": no answer"));
  else if (event->has_sum)
    g_string_append_printf(to,
                           translate_count(": %" G_GUINT64_FORMAT " of %u items in %u message",
                                           ": %" G_GUINT64_FORMAT " of %u items in %u messages",
                                           event->parts),
                           event->count, event->sum, event->parts);
  else
    append_slice(to, _(": "),
                 event->detail.len > 0 ? event->detail : slice_from_string(_("answered")));
}

static void append_play(const GbDeviceEvent *event, GString *to)
{
  char took[TIME_TEXT_MAX];

  append_slice(to, "", event->what.len > 0 ? event->what : SLICE("INVITE"));
  append_slice(to, " y=", event->detail);
  g_string_append(to, _(": "));
  if (event->is_open)
    g_string_append(to, _("still open"));
  else if (event->until_ns == TIME_NONE)
    append_refusal(event, to);
  else
    g_string_append(to, duration_format(event->until_ns - event->time_ns, took));
}

static void append_subscription(const DeviceText *text, const GbDeviceEvent *event, GString *to)
{
  append_slice(to, _("subscribed to "), event->what);
  if (event->sum > 0)
    g_string_append_printf(to, _(" for %u s"), event->sum);
  if (event->parts > 0)
    g_string_append_printf(
      to, translate_count(", refreshed %u time", ", refreshed %u times", event->parts),
      event->parts);
  g_string_append_printf(to,
                         translate_count(", %" G_GUINT64_FORMAT " notification",
                                         ", %" G_GUINT64_FORMAT " notifications", event->count),
                         event->count);
  append_slice(to, _("; "), word_shown(event->detail));
  append_time(text, slice_eq(event->detail, SLICE("active")) ? _(" until ") : _(" at "),
              event->until_ns, to);
}

static void append_notified(const DeviceText *text, const GbDeviceEvent *event, GString *to)
{
  append_slice(to, "", event->what);
  g_string_append(to, _(" notification"));
  append_slice(to, _(": "), event->detail);
  if (event->count > 1)
    g_string_append_printf(to, _(", %" G_GUINT64_FORMAT " in a row"), event->count);
  append_time(text, _(" until "), event->until_ns, to);
}

static void append_what(const DeviceText *text, const GbDeviceEvent *event, GString *to)
{
  switch ((GbDeviceEventKind) event->kind) {
  case GB_EVENT_REGISTERED:
  case GB_EVENT_REFRESHED:
    g_string_append_printf(to, _("%s for %" G_GUINT64_FORMAT " s"),
                           _(gb_device_event_name(event->kind)), event->count);
    break;
  case GB_EVENT_REMOVED:
    g_string_append(to, _("registration removed"));
    break;
  case GB_EVENT_REFUSED:
    g_string_append(to, _("REGISTER: "));
    append_refusal(event, to);
    break;
  case GB_EVENT_EXPIRED:
    g_string_append_printf(
      to, _("registration expired: not refreshed within %" G_GUINT64_FORMAT " s"), event->count);
    break;
  case GB_EVENT_KEEPALIVES:
    append_run(text, event, to);
    break;
  case GB_EVENT_SILENT:
    append_silence(text, event, to);
    break;
  case GB_EVENT_QUERY:
    append_answer(event, to);
    break;
  case GB_EVENT_CONTROL:
    append_slice(to, "", event->what);
    append_slice(to, _(": "), event->detail);
    break;
  case GB_EVENT_ALARM:
    append_slice(to, _("alarm: "), event->detail);
    break;
  case GB_EVENT_SUBSCRIBED:
    append_subscription(text, event, to);
    break;
  case GB_EVENT_NOTIFIED:
    append_notified(text, event, to);
    break;
  case GB_EVENT_PLAY:
    append_play(event, to);
    break;
  case GB_EVENT_COUNT:
    g_assert_not_reached();
  }
}

void device_append_event(const DeviceText *text, const GbDeviceEvent *event, const GbDevice *page,
                         GString *to)
{
  const GbDevice *device = gb_devices_at(text->devices, event->device);

  append_time(text, "", event->time_ns, to);
  g_string_append(to, "  ");
  if (device != page) {
    append_slice(to, "", device->id);
    append_slice(to, " ", device->name);
    g_string_append(to, _(": "));
  }
  append_what(text, event, to);
  if (event->message != 0)
    g_string_append_printf(to, _("; message %u"), event->message);
}

void device_append_left_out(const GbDevices *devices, GString *to)
{
  const GbDevicesLeftOut left_out = gb_devices_left_out(devices);
  const struct {
    uint64_t count;
    const char *what;
  } ROWS[] = {{left_out.devices, N_("mentions of further devices")},
              {left_out.events, N_("further events")},
              {left_out.unreadable, N_("messages that could not be read")}};
  bool is_first = true;

  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    if (ROWS[i].count == 0)
      continue;
    g_string_append_printf(to, "%s%" G_GUINT64_FORMAT " %s", is_first ? _("left out: ") : _(", "),
                           ROWS[i].count, _(ROWS[i].what));
    is_first = false;
  }
}
