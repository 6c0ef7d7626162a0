// The progress bar under a clock of our own: rates, time left, each mode, and many threads.
#include "lydia/report/progress.h"

#include <doctest/doctest.h>

#include <sstream>
#include <thread>

#include "lydia/core/error.h"
#include "lydia/report/terminal.h"

namespace lydia::report {
namespace {

struct Setup {
  double time = 100;
  std::ostringstream out;
  ProgressOptions options(ProgressMode mode, size_t columns = 80) {
    ProgressOptions o;
    o.label = "eğitim";
    o.mode = mode;
    o.out = &out;
    o.columns = columns;
    o.clock = [this] { return time; };
    return o;
  }
};

TEST_CASE("rate and time left follow the clock") {
  Setup s;
  ProgressBar bar(100, s.options(ProgressMode::Terminal));
  for (int i = 0; i < 20; ++i) {
    s.time += 0.5;
    bar.advance(1);
  }
  CHECK(bar.done() == 20);
  CHECK(bar.rate() == doctest::Approx(2));
  bar.set("loss", 2.5);
  s.time += 0.5;
  bar.advance(1);
  const std::string text = s.out.str();
  const std::string last = text.substr(text.rfind('\r'));
  CHECK(last.find("eğitim  21%") != std::string::npos);
  CHECK(last.find("21/100") != std::string::npos);
  CHECK(last.find("2.0 steps/s") != std::string::npos);
  CHECK(last.find("ETA 40s") != std::string::npos);  // 79 left at 2 a second
  CHECK(last.find("loss 2.5") != std::string::npos);
}

TEST_CASE("the recent past weighs more than the far past") {
  Setup s;
  ProgressBar bar(ProgressBar::kUnknownTotal, s.options(ProgressMode::Quiet));
  for (int i = 0; i < 100; ++i) s.time += 1, bar.advance(1);
  for (int i = 0; i < 30; ++i) s.time += 1, bar.advance(10);
  CHECK(bar.rate() > 9);
  CHECK(bar.rate() < 10);
}

TEST_CASE("a terminal line never reaches past the terminal") {
  for (const size_t columns : {size_t{12}, size_t{40}, size_t{80}, size_t{300}}) {
    Setup s;
    {
      ProgressBar bar(1000, s.options(ProgressMode::Terminal, columns));
      bar.set("doğruluk", "çok uzun bir metin");
      for (int i = 0; i < 50; ++i) s.time += 1, bar.advance(20);
    }
    std::istringstream lines(s.out.str());
    std::string line;
    while (std::getline(lines, line, '\r')) CHECK(display_width(line) < columns);
  }
}

TEST_CASE("not on a terminal: plain lines now and then, and one at the end") {
  Setup s;
  ProgressBar bar(100, s.options(ProgressMode::Lines));
  for (int i = 0; i < 25; ++i) s.time += 1, bar.advance(1);
  bar.finish();
  bar.finish();
  const std::string text = s.out.str();
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);  // after 10 s, after 20 s, at the end
  CHECK(text.find('\r') == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("25/100  1.0 steps/s  25s") != std::string::npos);
}

TEST_CASE("quiet shows messages only") {
  Setup s;
  ProgressBar bar(3, s.options(ProgressMode::Quiet));
  for (int i = 0; i < 3; ++i) s.time += 60, bar.advance();
  bar.message("uyarı");
  bar.finish();
  CHECK(s.out.str() == "uyarı\n");
}

TEST_CASE("a message stands above the bar") {
  Setup s;
  ProgressBar bar(10, s.options(ProgressMode::Terminal));
  bar.advance();
  bar.message("saved");
  const std::string text = s.out.str();
  const size_t message = text.find("\r\x1b[Ksaved\n\r");
  REQUIRE(message != std::string::npos);
  CHECK(text.find("10%", message) != std::string::npos);
}

TEST_CASE("what an earlier run did is part of the share, not of the rate") {
  Setup s;
  ProgressOptions options = s.options(ProgressMode::Lines);
  options.first = 50;
  {
    ProgressBar bar(100, options);
    s.time += 10;
    bar.advance(20);
    CHECK(bar.rate() == doctest::Approx(2));
  }
  CHECK(s.out.str().find("70%  70/100  2.0 steps/s") != std::string::npos);
  Setup over;
  options = over.options(ProgressMode::Lines);
  options.first = 100;
  {
    ProgressBar bar(100, options);
    over.time += 1e-6;
  }
  CHECK(over.out.str().find("steps/s") == std::string::npos);
}

TEST_CASE("odd totals") {
  Setup s;
  { ProgressBar bar(0, s.options(ProgressMode::Lines)); }
  CHECK(s.out.str().find("100%") != std::string::npos);
  Setup over;
  {
    ProgressBar bar(10, over.options(ProgressMode::Lines));
    over.time += 1;
    bar.advance(30);
  }
  CHECK(over.out.str().find("100%  30/10") != std::string::npos);
  CHECK_THROWS_AS(ProgressBar(-2, s.options(ProgressMode::Quiet)), ValueError);
}

TEST_CASE("many threads may use one bar") {
  std::ostringstream out;
  ProgressOptions options;
  options.mode = ProgressMode::Terminal;
  options.out = &out;
  options.redraw_seconds = 0;
  options.columns = 60;
  ProgressBar bar(4000, options);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&bar, t] {
      for (int i = 0; i < 1000; ++i) {
        bar.advance();
        if (i % 100 == 0) bar.set("thread", t);
        if (i % 500 == 0) bar.message("halfway");
      }
    });
  }
  for (std::thread& t : threads) t.join();
  bar.finish();
  CHECK(bar.done() == 4000);
  CHECK(out.str().find("100%") != std::string::npos);
}

}  // namespace
}  // namespace lydia::report
