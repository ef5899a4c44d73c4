/* `rung save --audio`: what a call, or one stream, sounded like. */
#include <inttypes.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/report/audio_save.h"
#include "ui/session.h"

/* What is meant: one call, or one stream. */
static bool choose(const Session *session, AudioSaveOptions *ret_options, GError **error)
{
  Selection *selection = session->options->selection;
  const Trace *trace = session->run.trace;
  bool of_stream = option_is_given(session->options, OPTION_STREAM);
  size_t count = of_stream ? trace_stream_count(trace) : selection_call_count(selection);
  size_t found = 0;

  for (size_t i = 0; i < count; i++) {
    const RtpStream *stream = of_stream ? trace_stream_at(trace, i) : NULL;
    const Call *call = of_stream ? NULL : selection_call_at(selection, i);
    if (call || (stream && selection_has_stream(selection, stream))) {
      ret_options->call = call;
      ret_options->stream = stream;
      found++;
    }
  }
  if (found == 1)
    return true;
  if (found == 0)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("no %s is selected"),
                of_stream ? _("stream") : _("call"));
  else
    g_set_error(
      error, APP_ERROR, APP_ERROR_IO,
      _("--audio writes one call or stream, and %zu %s are selected; choose one with %s N"), found,
      of_stream ? _("streams") : _("calls"), of_stream ? "--stream" : "--call");
  return false;
}

static bool work(Session *session, AudioSave *job, GError **error)
{
  enum { SLICE_US = 50 * 1000, WHOLE = 1000 };

  while (audio_save_step(job, g_get_monotonic_time() + SLICE_US)) {
    uint64_t done = (uint64_t) (audio_save_progress(job) * WHOLE);
    progress_update(&session->progress, (SourceProgress){done, WHOLE}, session->run.messages);
    if (signals_came()) {
      g_set_error(error, APP_ERROR, APP_ERROR_IO, _("interrupted before all audio was written"));
      return false;
    }
  }
  return audio_save_finish(job, error);
}

static void report_missing(Session *session, const AudioSave *job)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
  uint64_t overlapped = audio_reader_overlapped(audio_save_reader(job));

  audio_reader_append_missing(audio_save_reader(job), lines);
  for (guint i = 0; i < lines->len; i++) {
    g_autofree char *text = g_strconcat(_("audio: "), lines->pdata[i], NULL);
    session_warn_failed(session, text);
  }
  if (overlapped == 0 || session->options->quiet)
    return;
  g_autofree char *text = g_strdup_printf(
    _("audio: %" PRIu64 " packets are left out, as another stream of the same direction is heard; "
      "--stream N writes a single one"),
    overlapped);
  session_complain(text);
}

static bool write_audio(Session *session, OutFile *file, GError **error)
{
  const PacketSaveInput input = session_packets(session);
  AudioSaveOptions options = {.fd = file->fd, .name = file->name};
  uint64_t bytes;

  trace_follow_media(session->run.trace, session->run.stores);
  selection_bind(session->options->selection, input.trace, input.stores);
  selection_apply_filter(session->options->selection);
  if (!choose(session, &options, error))
    return false;
  g_autoptr(AudioSave) job = audio_save_new(&input, &options);
  bool ok = work(session, job, error);
  progress_erase(&session->progress);
  report_missing(session, job);
  return ok && out_file_commit(file, &bytes, error);
}

static bool open_wav(const Options *options, OutFile *ret_file, GError **error)
{
  return out_file_open(
    &(OutFileOptions){
      .path = options->audio,
      .inputs = options->files,
      .advice = _("use --force to overwrite it"),
      .may_replace = options->force,
      .only_regular = true,
    },
    ret_file, error);
}

ExitStatus save_audio_run(const Options *options)
{
  Session session = {.options = options};
  OutFile file;
  g_autoptr(GError) error = NULL;

  if (!session_open(&session, options, &error))
    return session_refuse(&session, error);
  signals_hold(); /* until the file is in place, or gone */
  if (!open_wav(options, &file, &error))
    return session_refuse(&session, error);
  if (!session_drop_rights(options, &session.run, &file, &error)) {
    out_file_discard(&file);
    return session_refuse(&session, error);
  }
  session_read(&session, true);
  signals_hold();
  if (session_is_cut(&session)) {
    session_warn_failed(&session, _("interrupted: nothing was written"));
  } else if (!write_audio(&session, &file, &error)) {
    g_prefix_error(&error, _("%s was not written: "), file.name);
    session_fail(&session, error->message);
  }
  out_file_discard(&file); /* one that is in place stays */
  signals_release();
  return session_close(&session);
}
