"""tools/turkish_text takes the translated paragraphs, and only these, out of a page."""

import importlib.machinery
import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "turkish_text"


@pytest.fixture(scope="module")
def module():
    loader = importlib.machinery.SourceFileLoader("turkish_text", str(SCRIPT))
    loaded = importlib.util.module_from_spec(importlib.util.spec_from_loader("turkish_text", loader))
    loader.exec_module(loaded)
    return loaded


PAGE = """<html><body><p>Üst başlık</p><div id="DisplayArea"><h1>Yer İmi Ekle</h1>
<p>Seçilen <b>öğeyi</b>\n   panoya  kopyalar: <span><span class="MAC"><span>⌘</span>Command</span>
<span>Ctrl</span></span>+C.</p><p>Closes the dialog, çünkü.</p><p>Save As</p>
<p>Yer İmi Ekle</p></div><div id="SearchFrame"><p>Altta küçük yazı</p></div></body></html>"""


def test_documents(module, tmp_path):
    page, second = tmp_path / "page.html", tmp_path / "second.html"
    page.write_text(PAGE, encoding="utf-8")
    second.write_text(PAGE.replace("Yer İmi Ekle", "Yer İmi Sil"), encoding="utf-8")
    assert list(module.documents([page, page, second])) == [
        ["Yer İmi Ekle", "Seçilen öğeyi panoya kopyalar: Ctrl+C."], ["Yer İmi Sil"]]
