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
<p>Seçilen <b>öğeyi</b>\n   panoya  kopyalar.</p><p>Closes the dialog, çünkü.</p><p>Save As</p>
<p>Yer İmi Ekle</p></div><div id="SearchFrame"><p>Altta küçük yazı</p></div></body></html>"""


def test_paragraphs(module, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    assert list(module.paragraphs([page, page])) == [
        "Yer İmi Ekle", "Seçilen öğeyi panoya kopyalar."]
