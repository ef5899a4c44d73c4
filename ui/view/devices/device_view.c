/* The page of one platform, device or channel of GB/T 28181: what is known of it, and its timeline,
 * with that of its channels. */
#include "capture/language.h"
#include "ui/show/device_text.h"
#include "ui/view/devices/device_lines.h"
#include "ui/view/screens.h"
#include "ui/view/widget/line_page.h"

enum { EVENTS_MAX = 5000 };

typedef struct {
  View view;
  char *id;
  LinePage page;
} DeviceView;

Style device_state_style(GbDeviceState state)
{
  switch (state) {
  case GB_DEVICE_OFFLINE:
    return STYLE_ERROR;
  case GB_DEVICE_EXPIRED:
    return STYLE_WARNING;
  case GB_DEVICE_SEEN:
  case GB_DEVICE_REMOVED:
    return STYLE_DIM;
  case GB_DEVICE_ONLINE:
  case GB_DEVICE_STATE_COUNT:
    break;
  }
  return STYLE_PLAIN;
}

static Style event_style(const GbDeviceEvent *event)
{
  switch ((GbDeviceEventKind) event->kind) {
  case GB_EVENT_SILENT:
  case GB_EVENT_REFUSED:
    return STYLE_ERROR;
  case GB_EVENT_EXPIRED:
  case GB_EVENT_ALARM:
    return STYLE_WARNING;
  case GB_EVENT_KEEPALIVES:
  case GB_EVENT_REFRESHED:
    return STYLE_DIM;
  case GB_EVENT_REGISTERED:
  case GB_EVENT_REMOVED:
  case GB_EVENT_QUERY:
  case GB_EVENT_CONTROL:
  case GB_EVENT_SUBSCRIBED:
  case GB_EVENT_NOTIFIED:
  case GB_EVENT_PLAY:
  case GB_EVENT_COUNT:
    break;
  }
  return STYLE_PLAIN;
}

/* --- lines ------------------------------------------------------------------------------------ */

static void add_facts(DeviceView *self, const DeviceText *text, const GbDevice *device)
{
  const AppModel *model = host_model(self->view.host);
  g_autoptr(GString) raw = g_string_new(_(gb_device_state_name((GbDeviceState) device->state)));

  if (device->has_address) {
    g_string_append(raw, _("; "));
    aliases_append(config_bool(model->config, SETTING_ALIASES) ? model->aliases : NULL,
                   trace_endpoint(model->trace, device->address), ALIAS_WITH_PORT, raw);
  }
  device_append_facts(text, device, raw);
  line_page_add_heading(&self->page, _(device_role_name(device)));
  line_page_add(&self->page, (LineOf){.style = device_state_style((GbDeviceState) device->state)},
                slice_of(raw->str, raw->len));
}

/* Of very many only the newest. */
static void add_events(DeviceView *self, const DeviceText *text, const GbDevice *device,
                       const GPtrArray *events)
{
  g_autoptr(GString) raw = g_string_new(NULL);

  for (guint i = 0; i < events->len; i++) {
    const GbDeviceEvent *event = events->pdata[i];
    g_string_truncate(raw, 0);
    device_append_event(text, event, device, raw);
    line_page_add(
      &self->page,
      (LineOf){.style = event_style(event), .call = event->call, .message = event->message},
      slice_of(raw->str, raw->len));
  }
}

static void add_timeline(DeviceView *self, const DeviceText *text, const GbDevice *device)
{
  uint64_t left_out = 0;
  g_autoptr(GPtrArray) events =
    gb_devices_timeline(text->devices, device->index, EVENTS_MAX, &left_out);
  const GbDeviceEvent *first = events->len > 0 ? events->pdata[0] : NULL;
  const GbDeviceEvent *last = events->len > 0 ? events->pdata[events->len - 1] : NULL;

  text->clock->date =
    first && clock_day(text->clock, first->time_ns) != clock_day(text->clock, last->time_ns);
  line_page_add_heading(&self->page, events->len > 0 ? _("Timeline") : _("Nothing happened to it"));
  if (left_out > 0) {
    g_autofree char *said =
      g_strdup_printf(_("%" G_GUINT64_FORMAT " earlier events are not shown"), left_out);
    line_page_add(&self->page, (LineOf){.style = STYLE_HINT}, slice_from_string(said));
  }
  add_events(self, text, device, events);
}

/* --- the view --------------------------------------------------------------------------------- */

static void append_title(const View *view, GString *to)
{
  const DeviceView *self = (const DeviceView *) view;

  g_string_append(to, _("device "));
  text_append_safe(to, slice_from_string(self->id), host_model(view->host)->charset);
}

static void device_view_draw(View *view, Canvas *canvas, Rect area)
{
  DeviceView *self = (DeviceView *) view;

  line_page_draw(&self->page, canvas, area);
}

static bool device_view_command(View *view, CommandId id)
{
  DeviceView *self = (DeviceView *) view;

  return line_page_command(&self->page, id);
}

static bool device_view_mouse(View *view, const KeyEvent *event)
{
  DeviceView *self = (DeviceView *) view;

  return line_page_mouse(&self->page, event);
}

static void device_view_close(View *view)
{
  DeviceView *self = (DeviceView *) view;

  line_page_clear(&self->page);
  g_free(self->id);
  g_free(self);
}

View *device_view_new(Host *host, const GbDevices *devices, uint32_t device)
{
  static const ViewOps OPS = {
    .scope = SCOPE_DEVICE,
    .append_title = append_title,
    .draw = device_view_draw,
    .command = device_view_command,
    .close = device_view_close,
    .mouse = device_view_mouse,
  };
  const GbDevice *of = gb_devices_at(devices, device);
  Clock clock = clock_new(TIME_ABSOLUTE, config_bool(host_model(host)->config, SETTING_UTC));
  const DeviceText text = {devices, &clock};
  DeviceView *self = g_new0(DeviceView, 1);

  clock.digits = 3;
  self->view = (View){.ops = &OPS, .host = host};
  self->id = of->name.len > 0 ? g_strdup_printf("%.*s %.*s", SLICE_ARG(of->id), SLICE_ARG(of->name))
                              : g_strndup(of->id.data, of->id.len);
  line_page_init(&self->page, host);
  add_facts(self, &text, of);
  add_timeline(self, &text, of);
  return &self->view;
}
