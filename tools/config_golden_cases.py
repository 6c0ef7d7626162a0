"""The table of tools/make_config_goldens.py: configs, overrides, scalars and words."""

BASIC = {
    "train": "defaults:\n- model: mlp\n- _self_\n- optional missing: one\n\nseed: 1\ntraining:\n"
             "  lr: 1e-3\n  steps: 100\n  betas: [0.9, 0.99]\nname: ${model.kind}-${training.steps}\n"
             "path: ???\n",
    "model/mlp": "kind: mlp\nwidth: 64\nact: relu\n",
    "model/cnn": "kind: cnn\nchannels: [8, 16]\nwidth: 3\n",
    "data/a": "# @package _global_\ndata_path: /tmp\nseed: 7\n",
    "data/b": "# @package corpus.text\nlang: tr\n",
    "deep/er/x": "x: 1\n",
}

NESTED = {
    "config": "defaults:\n- server: apache\n- db@backup: mysql\n- _self_\n- override server/log: json\n",
    "server/apache": "defaults:\n- log: text\n- /db: sqlite\n- _self_\nport: 80\n",
    "server/nginx": "defaults:\n- log: text\n- _self_\nport: 8080\n",
    "server/log/text": "format: text\n",
    "server/log/json": "format: json\nindent: 2\n",
    "db/mysql": "driver: mysql\nhost: ${..server.port}\n",
    "db/sqlite": "driver: sqlite\n",
}

PACKAGES = {
    "config": "defaults:\n- a@x: one\n- a@y.z: two\n- a@_global_: three\n- a@_here_: four\n"
              "- /a@_global_.w: one\n- sub/inner\n- sub/inner@other\n- _self_\nk: 0\n",
    "a/one": "v: 1\n", "a/two": "v: 2\n", "a/three": "g: 3\n", "a/four": "h: 4\n",
    "sub/inner": "defaults:\n- leaf: p\n- /a: two\n- a@_group_: q\n\nn: 5\n",
    "sub/leaf/p": "leaf: true\n",
    "sub/a/q": "q: 1\n",
}

CHOSEN = {
    "config": "defaults:\n- model: big\n- data: tr\n- model_data: ${model}_${data}\n- _self_\n",
    "model/big": "size: 9\n", "model/small": "size: 1\n",
    "data/tr": "lang: tr\n", "data/en": "lang: en\n",
    "model_data/big_tr": "lr: 0.1\n", "model_data/small_tr": "lr: 0.2\n",
    "model_data/small_en": "lr: 0.3\n",
}

SELF_FIRST = {
    "first": "defaults:\n- _self_\n- m: one\nm:\n  a: root\n  b: root\n",
    "last": "defaults:\n- m: one\n- _self_\nm:\n  a: root\n  b: root\n",
    "none": "defaults:\n- m: one\nm:\n  a: root\n  b: root\n",
    "alone": "a: 1\n",
    "empty": "",
    "nulls": "defaults:\n- m: null\n- _self_\nz: 1\n",
    "lists": "defaults:\n- m: [one, two]\n- _self_\n",
    "needed": "defaults:\n- m: ???\n",
    "twice": "defaults:\n- m: one\n- m: two\n",
    "same": "defaults:\n- m: one\n- m: one\n",
    "late": "defaults:\n- override m: two\n- m: one\n",
    "unused": "defaults:\n- override m: two\n",
    "outer": "defaults:\n- none\n- override m: two\n",
    "wrong": "defaults: m\n",
    "wrong_item": "defaults:\n- {a: b, c: d}\n",
    "wrong_value": "defaults:\n- m: 3\n",
    "broken": "a: [1\n",
    "double": "a: 1\na: 2\n",
    "absent": "defaults:\n- m: seven\n",
    "absent_optional": "defaults:\n- optional m: seven\n- _self_\nq: 1\n",
    "m/one": "a: one\nc: one\n",
    "m/two": "a: two\nd: two\n",
}

VALUES = {
    "config": "i: 1\nf: 0.5\nb: true\ns: text\nn: null\nm: ???\nl: [1, two, 3.0]\nd:\n  x: 1\n  y:\n"
              "    z: [a, {b: c}]\ne: {}\nel: []\n",
}

INTERPOLATIONS = {
    "config": r"""
a: 1
b: ${a}
c: x${a}y${b}z
d:
  e: ${.f}
  f: 2.5
  g: ${..a}
  h:
    i: ${...d.f}
    j: ${..e}
list: [1, "${a}", "${list.0}", "${.1}", "${list[0]}"]
copy: ${d}
choice: e
nested: ${d.${choice}}
nested2: ${d.${pick.${which}}}
pick: {k: f}
which: k
escaped: \${a}
escaped2: \\${a}
escaped3: a\b\${a}c
flag: true
none: null
mixed: ${flag} ${none} ${d.f}
env: ${oc.env:LYDIA_GOLDEN}
env_default: ${oc.env:LYDIA_UNSET,fallback}
env_null: ${oc.env:LYDIA_UNSET,null}
env_number: ${oc.env:LYDIA_UNSET,3}
env_bool: ${oc.env:LYDIA_UNSET,true}
env_quoted: ${oc.env:LYDIA_UNSET,'a, b'}
env_inner: ${oc.env:LYDIA_UNSET,${a}}
env_text: ${oc.env:LYDIA_UNSET,a/b-c ${a} d}
select: ${oc.select:d.f}
select_none: ${oc.select:nothing}
select_default: ${oc.select:nothing,7}
decode: ${oc.decode:'[1, {a: b}, 2.5, null]'}
decode_env: ${oc.decode:${oc.env:LYDIA_UNSET,'10'}}
keys: ${oc.dict.keys:d.h}
values: ${oc.dict.values:pick}
create: "${oc.create:{x: 1, y: [a, b]}}"
spaces: ${ a }
bracket: ${d[f]}
bracket2: ${[d].f}
dollar: $a $ {b} $$
percent: "${percent_}"
percent_: 50%
"key with space": 1
through: ${copy.f}
""",
    "cycle": "a: ${b}\nb: ${a}\n",
    "self": "a: ${a}\n",
    "parent": "a:\n  b: ${a}\n",
    "mutual": "a:\n  x: ${b}\nb:\n  y: ${a}\n",
    "absent": "a: ${nothing.here}\n",
    "above": "a: ${...b}\n",
    "open": "a: ${b\nb: 1\n",
    "unknown": "a: ${foo:bar}\n",
    "unset": "a: ${oc.env:LYDIA_UNSET}\n",
    "to_missing": "a: ${b}\nb: ???\n",
    "bad": "a: ${}\n",
    "bad2": "a: ${b c}\nb: 1\n",
}

MERGING = {
    "config": "defaults:\n- one\n- two\n- _self_\nkeep: ???\nroot: {x: 1}\n",
    "one": "keep: 1\nd: {a: 1, b: {c: 1, d: 2}}\nl: [1, 2, 3]\ns: 1\nn: {a: 1}\nm: null\n"
           "t: {a: 1}\nroot: {y: 2}\n",
    "two": "d: {b: {c: 9}, e: 5}\nl: [4]\ns: {a: 1}\nn: null\nm: {a: 1}\nt: 3\n",
}

YAMLS = {
    "config": """
base: &base {a: 1, b: 2}
merged:
  <<: *base
  b: 3
two:
  <<: [{p: 1}, {p: 2, q: 3}]
  r: 4
again: *base
quoted: ['1', "true", 'null', "a\\tb\\u011f"]
block: |
  line one
  line two
folded: >
  one
  two
plain: multi
  line
1: int key
1.5: float key
tags: [!!str 12, !!float 3, !!int "4"]
empty_value:
tilde: ~
comment: a # no
hash: a#b
""",
}

CASES = [
    ("basic", BASIC, "train", [
        [], ["model=cnn"], ["seed=3", "training.lr=0.1"], ["path=x"], ["+extra=1"], ["+extra.deep.er=1"],
        ["extra=1"], ["trainig.lr=1"], ["training.lr.x=1"], ["++training.lr=2", "++new.key=3"],
        ["~training.betas"], ["~training"], ["~nothing"], ["~seed=1"], ["~seed=2"], ["~model"],
        ["~model=mlp"], ["~model=cnn"], ["+data=a"], ["+data=b"], ["+data@d=b"], ["data=a"],
        ["model=nope"], ["model=1"], ["model=null"], ["model=[mlp,cnn]"], ["model@m=cnn"],
        ["+model@m=cnn"], ["training={lr:5}"], ["training={new:5}"], ["+training={new:5}"],
        ["training.betas=[1,2,3]"], ["training.betas.0=5"], ["training.betas.7=5"], ["+seed=2"],
        ["++seed={a:1}"], ["seed={a:1}"], ["seed=null"], ["model.width=5", "model=cnn"],
        ["name=${training.lr}"], ["name=a\\,b"], ["name='a,b'"], ["name="], ["path=${oc.env:LYDIA_GOLDEN}"],
        ["+deep/er=x"], ["+deep/er@q=x"], ["++data=a"], ["seed=1", "seed=2"], ["model=cnn", "model=mlp"],
        ["nogroup@x=1"], ["no/group=1"], ["+model=cnn"], ["training=5"], ["training=null"],
        ["model={width:9}"], ["+model.extra=1"], ["training.betas=[]"], ["training.betas={}"],
        ["+optional.thing=[1,{a:2}]"], ["seed=1,2"],
    ]),
    ("nested", NESTED, "config", [
        [], ["server=nginx"], ["server/log=text"], ["db@backup=sqlite"], ["db@server.db=mysql"],
        ["~db@backup"], ["db=mysql"], ["~server/log"], ["server.log.format=x"], ["/db=mysql"],
    ]),
    ("packages", PACKAGES, "config", [[], ["a@x=two"], ["a@_global_=one"], ["~a@y.z"]]),
    ("chosen", CHOSEN, "config", [
        [], ["model=small"], ["model=small", "data=en"], ["data=en"], ["model_data=small_en"],
    ]),
    ("self", SELF_FIRST, "first", [[], ["m=two"], ["m.a=5"]]),
    ("self last", SELF_FIRST, "last", [[], ["m=two"]]),
    ("self none", SELF_FIRST, "none", [[], ["m=two"]]),
] + [(name, SELF_FIRST, name, [[], ["m=two"], ["+m=two"]]) for name in (
    "alone", "empty", "nulls", "lists", "needed", "twice", "same", "late", "unused", "outer", "wrong",
    "wrong_item", "wrong_value", "broken", "double", "absent", "absent_optional", "nowhere")] + [
    ("values", VALUES, "config", [
        [], ["l.1=5"], ["l.-1=5"], ["d.y.z.1.b=x"], ["d.y={q:1}"], ["+d.y={q:1}"], ["d.y=3"],
        ["+d.y.z.1.k=3"], ["++l=[9]"], ["+l=[9]"], ["+e.new=1"], ["e.new=1"], ["n=5"], ["+n=5"], ["m=5"],
        ["+m=5"], ["n={a:1}"], ["n.a=1"], ["+n.a=1"], ["i.a=1"], ["+i.a=1"], ["++i.a=1"], ["~n"], ["~m"],
        ["~d.x"], ["~d.y.z"], ["+el=[1]"], ["s=1", "~s"], ["d={x:2,y:{z:[]}}"], ["b=no"], ["s=${i}"],
        ["s='${i}-x'"], ["s=\"it's\""], ["d.x=???"], ["+x=???"],
    ]),
    ("interpolations", INTERPOLATIONS, "config", [[], ["a=5"], ["choice=f"], ["d.f=[1]"], ["d.f={u:1}"]]),
] + [("interpolation " + name, INTERPOLATIONS, name, [[]]) for name in (
    "cycle", "self", "parent", "mutual", "absent", "above", "open", "unknown", "unset", "to_missing",
    "bad", "bad2")] + [
    ("merging", MERGING, "config", [[]]),
    ("yaml", YAMLS, "config", [[]]),
]

SCALARS = """1 -1 +1 0 00 007 010 08 0o7 0x1F 0X1F 0b101 -0x1 1_000 1__0 _1 1_ 1:30 1:30:15 1:75 -1:30 01:30
1.5 1. .5 -.5 +.5 1e3 1e-3 1E5 1.5e3 1.5e+3 1.5e-3 1e 1.e3 .5e3 .5e+3 1_0.5 1_0e3 1:30.5 .inf -.inf +.inf
.nan .NaN nan inf Infinity 1.2.3 true True TRUE yes Yes no on off y n Y N tRue null Null NULL ~ nULL None
abc a-b a:b - -- a1 1a 0.1 100000000000 1e16 1e-5 12e03 2024-01-02 12:30:45 0x 0b 1,000 ??? $x ${a}
9999999999999999 +1.5 -1e-3 0.0 -0 -0.0 0e0""".split()

WORDS = [
    "1", "-1", "+1", "0", "007", "1_000", "1__0", "_1", "1_", "1.5", "1.", ".5", "-.5", "1e3", "1e-3",
    "1E+5", "1.e3", "01.5", "0x1F", "inf", "-inf", "nan", "NaN", "true", "TRUE", "tRuE", "false", "yes",
    "null", "NULL", "None", "abc", "a b", "a  b ", "a:b", "http://x.y/z", "a/b\\c", "a.b", "1.2.3",
    "a-b", "-", "--", "$x", "%d", "50%", "*", "@x", "a@b", "a?b", "a|b", "'1'", '"true"', "'a b'",
    "'it\\'s'", '"a\\"b"', "'a\\\\'", "'a\\b'", "''", '""', "'a", "a'b", "a\"b", "[]", "[1]", "[1,2]",
    "[ 1 , 2 ]", "[a,'b',[c]]", "[1", "1]", "[1,]", "[,1]", "{}", "{a:1}", "{a: 1, b: {c: [1,2]}}",
    "{a:1", "{a}", "{1:2}", "{a:b:c}", "a=b", "a\\=b", "a\\,b", "a\\ b", "\\(x\\)", "a\\\\b",
    "\\[1\\]", "(x)", "f(x)", "a,", ",a", "${a}", "${a.b}x", "x${a}", "${a:b,c}", "[${a},1]", "{x:${a}}",
    "${a", "int(3.7)", "int('4')", "float(3)", "str(3)", "str(true)", "bool(1)", "bool('false')",
    "int(x)", "float('1e3')", "a#b", "a&b", "a;b", "~x", "a~b", "a!b", "<a>", "a^b", "", " ", " a", "a ",
    "1 2", "\\", "a\\", "+", "a+b", "1+1", "???", "1e", "e1", "1e5x", "0.1.", "..", ".", "a..b", "-a", "_",
    "[[1,2],[3,4]]", "[{a:1},{b:2}]", "null,1", "true]", "{a:}", "{:1}", "choice()", "nan1",
]

SWEEPS = [
    ["a=1"], ["a=1,2"], ["a=1,2", "b=x,y"], ["a=1,2", "c=5", "b=x,y,z"], ["a=range(3)"], ["a=range(1,10,3)"],
    ["a=range(5,1,-2)"], ["a=range(0,1,0.25)"], ["a=range(start=1,stop=4)"], ["a=range(0.5,2,0.5)"],
    ["a=choice(x,y)"], ["+a=1,2"], ["++a=1,2"], ["a=[1,2],[3]"], ["a={x:1},{x:2}"], ["a='a,b',c"],
    ["a=sort(3,1,2)"], ["a=sort(b,a,c,reverse=true)"], ["a=1,2", "a=3,4"], ["g@p=1,2"], ["a=x,null"],
]
