// lydia.audio: WAV files, spectrograms, resampling.
#include "lydia/audio/mel.h"
#include "lydia/audio/resample.h"
#include "lydia/io/wav.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

audio::StftOptions stft_options(int64_t n_fft, std::optional<int64_t> win_length,
                                std::optional<int64_t> hop_length, bool center,
                                const std::string& pad_mode) {
  for (const auto& length : {win_length, hop_length}) {
    LYDIA_CHECK(!length || *length > 0, ValueError,
                "stft: expected win_length and hop_length above 0, got ", *length);
  }
  return {n_fft, win_length.value_or(0), hop_length.value_or(0), center, pad_mode};
}

audio::MelScale scale_of(const std::string& name) {
  LYDIA_CHECK(name == "htk" || name == "slaney", ValueError,
              "mel: expected mel_scale \"htk\" or \"slaney\", got \"", name, "\"");
  return name == "htk" ? audio::MelScale::Htk : audio::MelScale::Slaney;
}

audio::MelOptions mel_options(int64_t sample_rate, const audio::StftOptions& stft, int64_t n_mels,
                              double f_min, std::optional<double> f_max, double power,
                              const std::string& mel_scale,
                              const std::optional<std::string>& norm) {
  LYDIA_CHECK(!norm || *norm == "slaney", ValueError,
              "mel: expected norm None or \"slaney\", got \"", *norm, "\"");
  LYDIA_CHECK(!f_max || *f_max > 0, ValueError, "mel: expected an f_max above 0, got ", *f_max);
  return {sample_rate,     stft, n_mels, f_min, f_max.value_or(0), power, scale_of(mel_scale),
          norm.has_value()};
}

void register_mel(Module& m) {
  nb::class_<audio::MelSpectrogram>(
      m, "MelSpectrogram", "Samples [..., time] to mel spectrograms [..., n_mels, frames].")
      .def(
          "__init__",
          [](audio::MelSpectrogram* self, int64_t rate, int64_t n_fft,
             std::optional<int64_t> win_length, std::optional<int64_t> hop_length, double f_min,
             std::optional<double> f_max, int64_t n_mels, double power, bool center,
             const std::string& pad_mode, const std::optional<std::string>& norm,
             const std::string& scale) {
            const auto stft = stft_options(n_fft, win_length, hop_length, center, pad_mode);
            new (self) audio::MelSpectrogram(
                mel_options(rate, stft, n_mels, f_min, f_max, power, scale, norm));
          },
          "sample_rate"_a = 16000, "n_fft"_a = 400, "win_length"_a = nb::none(),
          "hop_length"_a = nb::none(), "f_min"_a = 0.0, "f_max"_a = nb::none(), "n_mels"_a = 128,
          "power"_a = 2.0, "center"_a = true, "pad_mode"_a = "reflect", "norm"_a = nb::none(),
          "mel_scale"_a = "htk")
      .def("__call__", &audio::MelSpectrogram::operator(), "waveform"_a)
      .def("forward", &audio::MelSpectrogram::operator(), "waveform"_a, doc_of("MelSpectrogram"));
  m.def(
      "mel_filterbank",
      [](int64_t rate, int64_t n_fft, int64_t n_mels, double f_min, std::optional<double> f_max,
         const std::optional<std::string>& norm, const std::string& scale) {
        audio::StftOptions stft;
        stft.n_fft = n_fft;
        return audio::mel_filterbank(mel_options(rate, stft, n_mels, f_min, f_max, 2, scale, norm));
      },
      "sample_rate"_a, "n_fft"_a, "n_mels"_a = 128, "f_min"_a = 0.0, "f_max"_a = nb::none(),
      "norm"_a = nb::none(), "mel_scale"_a = "htk");
}

}  // namespace

void register_audio(nb::module_& parent) {
  Module m = Module(parent.def_submodule("_audio", "Sound."));
  m.def(
      "read_wav",
      [](const std::string& path) {
        const io::Audio audio = [&] {
          const nb::gil_scoped_release release;
          return io::read_wav(path);
        }();
        return nb::make_tuple(audio.samples, audio.sample_rate);
      },
      "path"_a);
  m.def(
      "write_wav",
      [](const std::string& path, const Tensor& samples, int64_t sample_rate, bool as_float) {
        io::write_wav(path, {samples, sample_rate}, as_float);
      },
      "path"_a, "samples"_a, "sample_rate"_a, "as_float"_a);
  m.def("hann_window", &audio::hann_window, "window_length"_a, "periodic"_a = true,
        "dtype"_a = DType::F32);
  m.def(
      "stft",
      [](const Tensor& x, int64_t n_fft, std::optional<int64_t> hop, std::optional<int64_t> win,
         bool center, const std::string& pad_mode) {
        return audio::stft(x, stft_options(n_fft, win, hop, center, pad_mode));
      },
      "waveform"_a, "n_fft"_a = 400, "hop_length"_a = nb::none(), "win_length"_a = nb::none(),
      "center"_a = true, "pad_mode"_a = "reflect");
  m.def(
      "spectrogram",
      [](const Tensor& x, int64_t n_fft, std::optional<int64_t> hop, std::optional<int64_t> win,
         double power, bool center, const std::string& pad_mode) {
        return audio::spectrogram(x, stft_options(n_fft, win, hop, center, pad_mode), power);
      },
      "waveform"_a, "n_fft"_a = 400, "hop_length"_a = nb::none(), "win_length"_a = nb::none(),
      "power"_a = 2.0, "center"_a = true, "pad_mode"_a = "reflect");
  m.def(
      "amplitude_to_db",
      [](const Tensor& x, double multiplier, double amin, std::optional<double> top_db) {
        return audio::amplitude_to_db(x, multiplier, amin, top_db.value_or(-1));
      },
      "x"_a, "multiplier"_a = 10.0, "amin"_a = 1e-10, "top_db"_a = nb::none());
  m.def(
      "resample",
      [](const Tensor& x, int64_t from, int64_t to, int64_t zeros, double rolloff) {
        return audio::resample(x, from, to, {zeros, rolloff});
      },
      "waveform"_a, "orig_freq"_a, "new_freq"_a, "lowpass_filter_width"_a = 6, "rolloff"_a = 0.99);
  register_mel(m);
}

}  // namespace lydia::python
