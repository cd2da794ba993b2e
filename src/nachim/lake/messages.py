"""What the lake says when it refuses something: one stable code, one Korean and one English sentence each.

Every sentence says what happened and what to do about it. `{name}` parts are filled from the error's parameters.
"""

# ruff: noqa: E501 - a sentence stays on one line

from typing import Any

SENTENCES: dict[str, dict[str, str]] = {
    # --- the file as a whole
    "empty_file": {
        "ko": "파일이 비어 있습니다. 내용이 있는 파일을 올려 주세요.",
        "en": "The file is empty. Choose a file with content.",
    },
    "no_rows": {
        "ko": "제목 줄만 있고 데이터 행이 없습니다. 데이터를 채워 다시 올려 주세요.",
        "en": "The file has a header but no data rows. Fill in data and try again.",
    },
    "not_text": {
        "ko": "표로 읽을 수 없는 파일입니다(글자가 아닌 내용이 있음). CSV·TSV·XLSX·JSON Lines·Parquet 파일을 올려 주세요.",
        "en": "This is not a table: it holds binary content. Use CSV, TSV, XLSX, JSON Lines or Parquet.",
    },
    "unsupported_format": {
        "ko": "지원하지 않는 파일 형식({format})입니다. CSV·TSV·XLSX·JSON Lines·Parquet로 저장해 다시 올려 주세요.",
        "en": "The format {format} is not supported. Save it as CSV, TSV, XLSX, JSON Lines or Parquet.",
    },
    "other_than_named": {
        "ko": "이름은 {ending}인데 내용은 {format}입니다. 맞는 이름으로 다시 올려 주세요.",
        "en": "Its name ends in {ending}, but what is in it is {format}. Upload it under the right name.",
    },
    "damaged_file": {
        "ko": "파일이 손상되어 {format} 형식으로 읽을 수 없습니다. 원본을 다시 저장해 올려 주세요. ({detail})",
        "en": "The file is damaged and cannot be read as {format}. Save the original again. ({detail})",
    },
    "unknown_encoding": {
        "ko": "글자 인코딩을 알아낼 수 없습니다. UTF-8로 저장해 다시 올려 주세요.",
        "en": "The text encoding could not be recognised. Save the file as UTF-8.",
    },
    "inflates_too_much": {
        "ko": "압축을 풀면 {size}로 허용 한도 {limit}를 넘습니다. 파일을 나누어 올려 주세요.",
        "en": "Unpacked, the file would be {size}, over the limit of {limit}. Split the file.",
    },
    "zip_bomb": {
        "ko": "압축률이 비정상적으로 높아(약 {ratio}배, 풀면 {size}) 안전을 위해 열지 않았습니다. CSV로 저장해 다시 올려 주세요.",
        "en": "The file is compressed abnormally (about {ratio} times, {size} unpacked) and was not opened. Save it as CSV.",
    },
    "too_many_parts": {
        "ko": "압축 파일 안의 항목이 {count}개로 한도 {limit}개를 넘습니다. CSV로 저장해 다시 올려 주세요.",
        "en": "The archive holds {count} entries, over the limit of {limit}. Save it as CSV.",
    },
    "too_many_columns": {
        "ko": "열이 {count}개로 한도 {limit}개를 넘습니다. 필요한 열만 남겨 주세요.",
        "en": "The file has {count} columns, over the limit of {limit}. Keep only the columns you need.",
    },
    "line_too_long": {
        "ko": "한 줄이 {limit}보다 깁니다. 구분자와 줄바꿈을 확인해 주세요.",
        "en": "One line is longer than {limit}. Check delimiters and line ends.",
    },
    "no_sheet": {
        "ko": "시트 '{sheet}'를 찾을 수 없습니다. 있는 시트: {sheets}",
        "en": "There is no sheet '{sheet}'. Sheets: {sheets}",
    },
    "not_found": {"ko": "파일을 찾을 수 없습니다.", "en": "The file was not found."},
    # --- one row (quarantine)
    "ragged": {
        "ko": "열이 {expected}개여야 하는데 {found}개입니다.",
        "en": "Expected {expected} columns but found {found}.",
    },
    "unclosed_quote": {
        "ko": '따옴표가 닫히지 않았습니다. 닫는 "를 넣어 주세요.',
        "en": 'A quote is not closed. Add the closing ".',
    },
    "nul_byte": {
        "ko": "보이지 않는 NUL 문자가 들어 있습니다. 지우고 다시 올려 주세요.",
        "en": "The row holds NUL characters. Remove them.",
    },
    "bad_characters": {
        "ko": "{encoding} 인코딩으로 읽을 수 없는 글자가 있습니다.",
        "en": "Some characters cannot be read as {encoding}.",
    },
    "long_cell": {
        "ko": "칸 하나가 {found}자로 한도 {limit}자를 넘습니다.",
        "en": "A cell holds {found} characters, over the limit of {limit}.",
    },
    "bad_record": {"ko": "JSON 객체로 읽을 수 없는 줄입니다.", "en": "The line is not a JSON object."},
    "bad_number": {
        "ko": "'{column}' 열의 '{value}'는 숫자로 읽을 수 없습니다.",
        "en": "'{value}' in column '{column}' is not a number.",
    },
    "bad_integer": {
        "ko": "'{column}' 열의 '{value}'는 정수가 아닙니다.",
        "en": "'{value}' in column '{column}' is not a whole number.",
    },
    "bad_time": {
        "ko": "'{column}' 열의 '{value}'는 날짜·시각으로 읽을 수 없습니다(없는 날짜이거나 모르는 형식).",
        "en": "'{value}' in column '{column}' is not a date or time (impossible date or unknown form).",
    },
    "ambiguous_date": {
        "ko": "'{column}' 열의 '{value}'는 일/월 순서를 알 수 없습니다. 열 설정에서 순서를 골라 주세요.",
        "en": "The order of day and month in '{value}' (column '{column}') is unknown. Choose it in the mapping.",
    },
    "bad_bool": {
        "ko": "'{column}' 열의 '{value}'는 예/아니오로 읽을 수 없습니다.",
        "en": "'{value}' in column '{column}' is not yes or no.",
    },
    "empty_key": {"ko": "키 열 '{column}'이(가) 비어 있습니다.", "en": "The key column '{column}' is empty."},
    "empty_time": {"ko": "시각 열 '{column}'이(가) 비어 있습니다.", "en": "The time column '{column}' is empty."},
    "superseded": {
        "ko": "같은 키({key})의 행이 {winner}번째 줄에 다시 있어 나중 행을 썼습니다.",
        "en": "The same key ({key}) appears again on line {winner}; the later row was used.",
    },
    # --- mapping and table
    "bad_table_name": {
        "ko": "표 이름 '{name}'은(는) 쓸 수 없습니다. 한글·영문으로 시작하고 한글·영문·숫자·밑줄만 쓰세요(64자 이하).",
        "en": "'{name}' is not a table name. Start with a letter; use letters, digits and underscores (64 at most).",
    },
    "name_taken": {
        "ko": "대소문자만 다른 표 '{existing}'이(가) 이미 있습니다. 그 이름을 쓰거나 다른 이름을 고르세요.",
        "en": "A table '{existing}' that differs only in case exists. Use it or choose another name.",
    },
    "no_such_table": {
        "ko": "표 '{name}'이(가) 없습니다. 있는 표: {names}",
        "en": "There is no table '{name}'. Tables: {names}",
    },
    "no_such_column": {
        "ko": "표 '{table}'에 '{column}' 열이 없습니다. 있는 열: {columns}",
        "en": "Table '{table}' has no column '{column}'. Columns: {columns}",
    },
    "no_such_version": {
        "ko": "표 '{table}'의 {version}번 판을 열 수 없습니다. 정리(vacuum)로 지워졌을 수 있습니다.",
        "en": "Version {version} of table '{table}' cannot be opened. It may have been vacuumed.",
    },
    "bad_mapping": {"ko": "열 설정이 잘못되었습니다: {detail}", "en": "The mapping is wrong: {detail}"},
    "nothing_kept": {
        "ko": "가져올 열이 하나도 없습니다. 열을 하나 이상 골라 주세요.",
        "en": "No column is kept. Choose at least one.",
    },
    "key_not_unique": {
        "ko": "표에 이미 같은 키({columns})의 행이 여럿 있어 갱신할 수 없습니다(예: {example}). 키를 다시 골라 주세요.",
        "en": "The table already holds several rows with one key ({columns}), for example {example}. Choose another key.",
    },
    "drift": {
        "ko": "파일의 열이 표와 다릅니다: {changes}. 확인한 뒤 받아들이거나 파일을 고쳐 주세요.",
        "en": "The columns of the file differ from the table: {changes}. Accept the change or correct the file.",
    },
    "cancelled": {
        "ko": "가져오기를 취소했습니다. 표는 그대로입니다.",
        "en": "The import was cancelled. The table is as before.",
    },
    "contended": {
        "ko": "다른 작업이 계속 표를 바꾸어 {attempts}번 시도하고도 저장하지 못했습니다. 잠시 뒤 다시 해 주세요.",
        "en": "Other writers kept changing the table; gave up after {attempts} attempts. Try again later.",
    },
    "damaged_table": {
        "ko": "표 '{table}'을(를) 읽을 수 없습니다. nachim doctor를 실행해 주세요. ({detail})",
        "en": "Table '{table}' cannot be read. Run nachim doctor. ({detail})",
    },
    # --- queries
    "query_refused": {
        "ko": "읽기(SELECT) 하나만 실행할 수 있습니다: {detail}",
        "en": "Only a single SELECT can be run: {detail}",
    },
    "query_failed": {"ko": "계산하지 못했습니다: {detail}", "en": "The query failed: {detail}"},
    "query_timeout": {
        "ko": "계산이 {seconds}초를 넘어 멈췄습니다. 기간을 줄이거나 조건을 더해 주세요.",
        "en": "The query ran longer than {seconds} s and was stopped. Shorten the range or add conditions.",
    },
    "query_memory": {
        "ko": "계산에 필요한 메모리가 한도를 넘었습니다. 기간을 줄이거나 조건을 더해 주세요.",
        "en": "The query needed more memory than allowed. Shorten the range or add conditions.",
    },
    # --- warnings of a preview
    "warn_renamed": {
        "ko": "같은 이름의 열 '{source}'이(가) 여럿이라 '{name}'(으)로 바꿨습니다.",
        "en": "Column '{source}' appears more than once; renamed to '{name}'.",
    },
    "warn_unnamed": {
        "ko": "이름 없는 {position}번째 열에 '{name}'이라는 이름을 붙였습니다.",
        "en": "Column {position} has no name; called '{name}'.",
    },
    "warn_dropped": {
        "ko": "이름도 내용도 없는 {position}번째 열은 뺐습니다.",
        "en": "Column {position} has neither name nor content and was left out.",
    },
    "warn_no_header": {
        "ko": "제목 줄이 없어 보여 열에 column_1, column_2… 이름을 붙였습니다.",
        "en": "There seems to be no header row; columns are called column_1, column_2…",
    },
    "warn_titles": {
        "ko": "제목 줄 위의 {count}줄은 건너뜁니다.",
        "en": "{count} lines above the header row are skipped.",
    },
    "warn_key_not_unique": {
        "ko": "'{column}' 열은 같은 값이 여러 줄에 있어(예: {example}) 키로 쓰지 않았습니다. 다시 올린 파일은 덧붙여집니다.",
        "en": "'{column}' repeats (for example {example}) and was not taken as the key. Files will be appended.",
    },
    "warn_unreadable": {
        "ko": "'{column}' 열에서 {count}개 값을 {type}(으)로 읽을 수 없습니다(예: '{example}'). 해당 행은 격리됩니다.",
        "en": "{count} values of '{column}' cannot be read as {type} (for example '{example}'); those rows are quarantined.",
    },
    "warn_rejected": {
        "ko": "모양이 맞지 않는 행이 {count}개 있어 격리됩니다(첫 줄: {line}).",
        "en": "{count} malformed rows will be quarantined (first on line {line}).",
    },
    "warn_ambiguous_date": {
        "ko": "'{column}' 열의 날짜는 일/월 순서를 알 수 없습니다(예: '{example}'). 순서를 골라 주세요.",
        "en": "The order of day and month in '{column}' is unknown (for example '{example}'). Choose it.",
    },
    "warn_sheets": {
        "ko": "시트가 여럿입니다({sheets}). '{sheet}' 시트를 읽습니다.",
        "en": "There are several sheets ({sheets}); reading '{sheet}'.",
    },
    "warn_sample": {
        "ko": "처음 {rows}행만 보고 판단했습니다.",
        "en": "Judged from the first {rows} rows only.",
    },
    # --- drift
    "drift_new": {"ko": "새 열 '{column}'", "en": "new column '{column}'"},
    "drift_missing": {"ko": "없어진 열 '{column}'", "en": "missing column '{column}'"},
    "drift_retyped": {
        "ko": "'{column}' 열의 종류가 {before}에서 {after}(으)로 바뀜",
        "en": "column '{column}' changed from {before} to {after}",
    },
    "drift_key": {
        "ko": "키가 [{before}]에서 [{after}](으)로 바뀜",
        "en": "the key changed from [{before}] to [{after}]",
    },
}


_TYPED = ("type", "before", "after")
TYPES = {"text": "글자", "number": "숫자", "integer": "정수", "time": "날짜·시각", "bool": "예/아니오"}


def sentence(code: str, locale: str, params: dict[str, Any]) -> str:
    """The sentence of a code; an unknown locale falls back to Korean."""
    forms = SENTENCES[code]
    if not locale.startswith("en"):
        params = {name: TYPES.get(value, value) if name in _TYPED else value for name, value in params.items()}
    return forms.get(locale[:2], forms["ko"]).format(**params)
