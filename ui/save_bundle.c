/* `rung save --bundle`: packets of the selected calls, and all that is made of them, as a zip. */
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "dissect/trace/call_audio.h"
#include "ui/report/audio_save.h"
#include "ui/report/zip_out.h"
#include "ui/save.h"
#include "ui/scratch.h"
#include "ui/show/tls_text.h"

#define PACKETS "calls.pcapng"

enum { SLICE_US = 50 * 1000, WIDTH = 100, SOUNDS_MAX = 20 };

/* What is made of the packets, as the command prints it into a file. */
static const struct {
  const char *name;
  const Subcommand *command;
  const char *format;
} REPORTS[] = {
  {"ladder.txt", &FLOW_SUBCOMMAND, "text"},        {"ladder.html", &FLOW_SUBCOMMAND, "html"},
  {"explain.txt", &EXPLAIN_SUBCOMMAND, "text"},    {"explain.json", &EXPLAIN_SUBCOMMAND, "json"},
  {"calls.json", &CALLS_SUBCOMMAND, "json"},       {"messages.txt", &SHOW_SUBCOMMAND, "text"},
  {"messages.json", &MESSAGES_SUBCOMMAND, "json"}, {"streams.txt", &STREAMS_SUBCOMMAND, "text"},
  {"streams.json", &STREAMS_SUBCOMMAND, "json"},
};

typedef struct {
  char *name, *command;
  ZipMember written;
} Member;

typedef struct {
  Session *session; /* of the input */
  ZipOut *zip;
  Run run;         /* of the packets that were saved */
  GArray *members; /* Member */
  GPtrArray *notes;
  int64_t time_s;
} Bundle;

static void member_clear(void *data)
{
  Member *member = data;

  g_free(member->name);
  g_free(member->command);
}

static bool is_interrupted(GError **error)
{
  if (!signals_came())
    return false;
  g_set_error_literal(error, APP_ERROR, APP_ERROR_IO, _("interrupted"));
  return true;
}

/* Takes the command over. */
static bool add_member(Bundle *bundle, const char *name, char *command, int fd, GError **error)
{
  Member member = {.name = g_strdup(name), .command = command};
  bool ok = zip_out_add(bundle->zip, name, bundle->time_s, fd, &member.written, error);

  g_array_append_val(bundle->members, member);
  return ok;
}

/* --- commands --------------------------------------------------------------------------------- */

static void append_word(GString *to, const char *word)
{
  g_autofree char *quoted = g_shell_quote(word);
  bool is_plain = *word != '\0' && strspn(word, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS
                                          "-_./:,=+@%") == strlen(word);

  g_string_append_printf(to, " %s", is_plain ? word : quoted);
}

static bool is_masked(const Bundle *bundle)
{
  return option_is_given(bundle->session->options, OPTION_ANONYMIZE);
}

/* That of the user; where names are replaced, its options without their values. */
static char *whole_command(const Bundle *bundle)
{
  const Options *options = bundle->session->options;
  GString *line = g_string_new(is_masked(bundle) ? "rung save" : "rung");

  for (OptionId id = 0; is_masked(bundle) && id < OPTION_COUNT; id++)
    if (option_is_given(options, id))
      g_string_append_printf(line, " --%s", OPTIONS[id].longs[0]);
  for (int i = 1; !is_masked(bundle) && i < options->argc; i++)
    append_word(line, options->argv[i]);
  return g_string_free(line, false);
}

/* The same that writes the packets alone; FILE stands for inputs that are not named. */
static char *packets_command(const Bundle *bundle)
{
  static const char OPTION[] = "--bundle";
  const Options *options = bundle->session->options;

  if (is_masked(bundle))
    return g_strdup("rung save --with-media --anonymize -w " PACKETS " FILE");
  GString *line = g_string_new("rung");
  for (int i = 1; i < options->argc; i++) {
    const char *word = options->argv[i];
    if (strcmp(word, OPTION) == 0 || g_str_has_prefix(word, "--bundle=")) {
      g_string_append(line, " --with-media -w " PACKETS);
      i += word[sizeof OPTION - 1] == '\0'; /* its value */
    } else {
      append_word(line, word);
    }
  }
  return g_string_free(line, false);
}

/* Options that the reports need beside the packets: keys that are not in those. */
static void append_keys(const Bundle *bundle, GString *to)
{
  const Options *options = bundle->session->options;
  bool are_needed = !options->with_secrets && !is_masked(bundle);

  for (size_t i = 0; are_needed && options->key_logs && options->key_logs[i]; i++) {
    g_string_append(to, " --keylog");
    append_word(to, options->key_logs[i]);
  }
  for (size_t i = 0; are_needed && options->private_keys && options->private_keys[i]; i++) {
    g_string_append(to, " --private-key");
    append_word(to, options->private_keys[i]);
  }
}

/* The names of endpoints are those of the packets, whatever the configuration says. */
static char *report_command(const Bundle *bundle, size_t index)
{
  const Subcommand *command = REPORTS[index].command;
  bool is_configured = command->takes & (TAKES_CONVERSATIONS | TAKES_ALIASES);
  GString *line = g_string_new(NULL);

  g_string_printf(line, "rung %s%s -T %s --lang %s --utc", command->name,
                  is_configured ? " --no-config" : "", REPORTS[index].format,
                  language_get() ? language_get()->name : "en");
  append_keys(bundle, line);
  g_string_append_printf(line, " -w %s " PACKETS, REPORTS[index].name);
  return g_string_free(line, false);
}

static char *sound_command(const Bundle *bundle, const Call *call, const char *name)
{
  GString *line = g_string_new(NULL);

  g_string_printf(line, "rung save --call %u", call->number);
  append_keys(bundle, line);
  g_string_append_printf(line, " --audio %s " PACKETS, name);
  return g_string_free(line, false);
}

/* --- the packets ------------------------------------------------------------------------------ */

static bool write_packets(Bundle *bundle, const PseudonymMap *map, int fd, GError **error)
{
  const Options *options = bundle->session->options;
  const Masking masking = {map->pseudonyms, {options->anonymize_agents}};
  const PacketSaveOptions packets = {
    .fd = fd,
    .name = PACKETS,
    .format = WRITER_PCAPNG,
    .masking = map->pseudonyms ? &masking : NULL,
    .with_media = true,
    .with_secrets = options->with_secrets,
    .selection = options->selection,
  };

  trace_follow_media(bundle->session->run.trace, bundle->session->run.stores);
  return save_packets(bundle->session, &packets, error) &&
         add_member(bundle, PACKETS, packets_command(bundle), fd, error);
}

/* All else is made of what was saved, so that nothing is in it that the packets do not show. */
static bool read_packets(Bundle *bundle, int fd, GError **error)
{
  const Session *session = bundle->session;
  char path[SCRATCH_PATH_MAX];
  const char *const files[] = {path, NULL};
  SourceOptions source = options_source(session->options);

  scratch_path(fd, path);
  source.files = files;
  source.recursive = false;
  source.filter = NULL;
  source.keep_media = true;
  source.keeping = SOURCE_KEEPS_FRAMES;
  if (!run_open(&bundle->run, &source, &session->run.limits, error))
    return false;
  bundle->run.is_confined = session->run.is_confined;
  bundle->run.follows_media = true;
  trace_follow_media(bundle->run.trace, bundle->run.stores);
  run_start(&bundle->run);
  while (!bundle->run.over) {
    run_feed(&bundle->run, SLICE_US, NULL, NULL);
    if (is_interrupted(error))
      return false;
  }
  return true;
}

/* The commands name the keys; the packets have none. */
static void note_keys(Bundle *bundle)
{
  g_autoptr(GString) keys = g_string_new(NULL);

  append_keys(bundle, keys);
  if (keys->len > 0 && tls_table_most(trace_tls(bundle->run.trace), TLS_READ))
    g_ptr_array_add(bundle->notes, g_strdup_printf(_("%s holds no secrets: its TLS is read with%s; "
                                                     "--with-secrets adds what opens it"),
                                                   PACKETS, keys->str));
}

/* In TLS without its secrets, say. */
static void note_unread(Bundle *bundle)
{
  const Options *options = bundle->session->options;
  Selection *selection = options->selection;
  uint64_t count = 0;

  for (size_t i = 0; i < selection_call_count(selection); i++) {
    const Call *call = selection_call_at(selection, i);
    count += call ? call->messages : 0;
  }
  if (count <= bundle->run.messages || is_masked(bundle))
    return;
  char *note = g_strdup_printf(
    _("%" G_GUINT64_FORMAT " messages cannot be read in %s%s"), count - bundle->run.messages,
    PACKETS, options->with_secrets ? "" : _("; --with-secrets adds what opens TLS"));
  g_ptr_array_add(bundle->notes, note);
  session_warn_failed(bundle->session, note);
}

/* --- what is made of them --------------------------------------------------------------------- */

static const ReportOps *find_report(const Subcommand *command, const char *name)
{
  const ReportFormat *format = command->formats;

  while (strcmp(format->name, name) != 0)
    format++;
  return format->report;
}

static bool print_report(Bundle *bundle, const ReportOps *ops, int fd, GError **error)
{
  g_autoptr(Selection) all = selection_new();
  Report report;
  Out out;
  const ReportSetup setup = {
    .ops = ops,
    .selection = all,
    .trace = bundle->run.trace,
    .stores = bundle->run.stores,
    .out = &out,
    .look = {.charset = TEXT_UTF8, .width = WIDTH},
    .utc = true,
    .to_file = true,
    .past = true,
  };
  bool ok = true;

  out_init(&out, fd, _("a member of the bundle"));
  report_init(&report, &setup);
  report_begin(&report);
  while (ok && report_end_step(&report, g_get_monotonic_time() + SLICE_US))
    ok = !is_interrupted(error);
  ok = ok && out_finish(&out, error);
  report_clear(&report);
  out_clear(&out);
  return ok;
}

static bool add_report(Bundle *bundle, size_t index, GError **error)
{
  const ReportOps *ops = find_report(REPORTS[index].command, REPORTS[index].format);
  int fd = scratch_open(error);

  if (fd < 0)
    return false;
  bool ok = print_report(bundle, ops, fd, error) &&
            add_member(bundle, REPORTS[index].name, report_command(bundle, index), fd, error);
  close(fd);
  return ok;
}

/* A call that has nothing to be heard is noted, and is no failure. */
static bool write_sound(Bundle *bundle, const Call *call, int fd, bool *ret_is_heard,
                        GError **error)
{
  const Run *run = &bundle->run;
  const PacketSaveInput input = {run->trace, run->source, run->stores, run->seed, &run->limits};
  g_autoptr(AudioSave) job = audio_save_new(
    &input, &(AudioSaveOptions){.fd = fd, .name = _("a member of the bundle"), .call = call});
  g_autoptr(GError) reason = NULL;

  while (audio_save_step(job, g_get_monotonic_time() + SLICE_US))
    if (is_interrupted(error))
      return false;
  *ret_is_heard = audio_save_finish(job, &reason);
  g_autofree char *missing = audio_reader_missing_text(audio_save_reader(job));
  if (!*ret_is_heard || *missing)
    g_ptr_array_add(bundle->notes, g_strdup_printf(_("sound of call %u: %s"), call->number,
                                                   *ret_is_heard ? missing : reason->message));
  return true;
}

static bool add_sound(Bundle *bundle, const Call *call, GError **error)
{
  bool is_heard = false;
  int fd = scratch_open(error);

  if (fd < 0)
    return false;
  bool ok = write_sound(bundle, call, fd, &is_heard, error);
  if (ok && is_heard) {
    g_autofree char *name = g_strdup_printf("call-%u.wav", call->number);
    ok = add_member(bundle, name, sound_command(bundle, call, name), fd, error);
  }
  close(fd);
  return ok;
}

/* Media of names that were replaced are silent. */
static bool add_sounds(Bundle *bundle, GError **error)
{
  const Trace *trace = bundle->run.trace;
  unsigned count = 0, left_out = 0;

  if (is_masked(bundle))
    return true;
  for (size_t i = 0; i < trace_call_count(trace); i++) {
    const Call *call = trace_call_at(trace, i);
    if (!call || call_audio(trace, call).streams == 0)
      continue;
    if (count == SOUNDS_MAX) {
      left_out++;
      continue;
    }
    count++;
    if (!add_sound(bundle, call, error))
      return false;
  }
  if (left_out > 0)
    g_ptr_array_add(bundle->notes,
                    g_strdup_printf(_("sound of %u more calls is left out"), left_out));
  return true;
}

/* --- the manifest ----------------------------------------------------------------------------- */

static void put_value(Json *json, const char *key, FieldValue value)
{
  json_key(json, key);
  json_value(json, value);
}

static void put_members(Json *json, const GArray *members)
{
  json_key(json, "members");
  json_begin_array(json);
  for (guint i = 0; i < members->len; i++) {
    const Member *member = &g_array_index(members, Member, i);
    json_begin_object(json);
    put_value(json, "name", value_string(member->name));
    put_value(json, "bytes", value_number(member->written.bytes));
    put_value(json, "sha256", value_string(member->written.sha256));
    put_value(json, "command", value_string(member->command));
    json_end_object(json);
  }
  json_end_array(json);
}

static bool print_manifest(const Bundle *bundle, int fd, GError **error)
{
  g_autofree char *command = whole_command(bundle);
  Out out;

  out_init(&out, fd, _("a member of the bundle"));
  Json json = json_new(&out);
  json_begin_object(&json);
  put_value(&json, "rung", value_string(RUNG_VERSION));
  put_value(&json, "made", value_time(bundle->time_s * SECOND_NS));
  put_value(&json, "command", value_string(command));
  put_value(&json, "calls", value_number(trace_kept_calls(bundle->run.trace)));
  put_value(&json, "messages", value_number(bundle->run.messages));
  put_members(&json, bundle->members);
  json_key(&json, "notes");
  json_begin_array(&json);
  for (guint i = 0; i < bundle->notes->len; i++)
    json_value(&json, value_string(bundle->notes->pdata[i]));
  json_end_array(&json);
  json_end_object(&json);
  json_end_line(&json);
  bool ok = out_finish(&out, error);
  out_clear(&out);
  return ok;
}

static bool add_manifest(Bundle *bundle, GError **error)
{
  int fd = scratch_open(error);
  ZipMember unused;

  if (fd < 0)
    return false;
  bool ok = print_manifest(bundle, fd, error) &&
            zip_out_add(bundle->zip, "manifest.json", bundle->time_s, fd, &unused, error);
  close(fd);
  return ok;
}

/* --- all of it -------------------------------------------------------------------------------- */

static bool add_members(Bundle *bundle, const PseudonymMap *map, int fd, GError **error)
{
  if (!write_packets(bundle, map, fd, error) || !read_packets(bundle, fd, error))
    return false;
  note_keys(bundle);
  note_unread(bundle);
  for (size_t i = 0; i < G_N_ELEMENTS(REPORTS); i++)
    if (!add_report(bundle, i, error))
      return false;
  return add_sounds(bundle, error) && add_manifest(bundle, error) &&
         zip_out_finish(bundle->zip, error);
}

static bool write_bundle(Session *session, OutFile *file, PseudonymMap *map, GError **error)
{
  Bundle bundle = {
    .session = session,
    .members = g_array_new(false, false, sizeof(Member)),
    .notes = g_ptr_array_new_with_free_func(g_free),
    .time_s = g_get_real_time() / G_USEC_PER_SEC,
  };
  int fd = scratch_open(error);
  uint64_t bytes;

  g_array_set_clear_func(bundle.members, member_clear);
  bundle.zip = fd >= 0 ? zip_out_new(file->fd, file->name, error) : NULL;
  bool ok = bundle.zip && add_members(&bundle, map, fd, error);
  if (bundle.run.source)
    run_close(&bundle.run, false);
  g_clear_pointer(&bundle.zip, zip_out_free);
  g_array_unref(bundle.members);
  g_ptr_array_unref(bundle.notes);
  if (fd >= 0)
    close(fd);
  return ok && pseudonym_map_write(map, error) && out_file_commit(file, &bytes, error);
}

static bool open_bundle(const Options *options, OutFile *ret_file, GError **error)
{
  return out_file_open(
    &(OutFileOptions){
      .path = options->bundle,
      .inputs = options->files,
      .advice = _("use --force to overwrite it"),
      .may_replace = options->force,
      .only_regular = true,
    },
    ret_file, error);
}

ExitStatus save_bundle_run(const Options *options)
{
  Session session = {.options = options};
  g_auto(PseudonymMap) map = {.fd = -1};
  OutFile file;
  g_autoptr(GError) error = NULL;

  if (!session_open(&session, options, &error))
    return session_refuse(&session, error);
  signals_hold(); /* until the file is in place, or gone */
  if (!open_bundle(options, &file, &error))
    return session_refuse(&session, error);
  if (!save_open_map(options, options->bundle, &map, &error) ||
      !session_drop_rights(options, &session.run, &file, &error)) {
    out_file_discard(&file);
    return session_refuse(&session, error);
  }
  session_read(&session, true);
  signals_hold();
  if (session_is_cut(&session)) {
    session_warn_failed(&session, _("interrupted: nothing was written"));
  } else if (!write_bundle(&session, &file, &map, &error)) {
    g_prefix_error(&error, _("%s was not written: "), file.name);
    progress_erase(&session.progress);
    session_fail(&session, error->message);
  }
  progress_erase(&session.progress);
  out_file_discard(&file); /* one that is in place stays */
  signals_release();
  return session_close(&session);
}
