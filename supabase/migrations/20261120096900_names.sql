-- Names by which a team and its bots are known to visitors: nobody's may read as another's.

create function heddle.name_key(p_name text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  -- Letters that look like one of the Latin ones, those in either case, as UTS 39 has them: of Latin's own, Greek, Cyrillic,
  -- Armenian, Coptic, Lisu and Cherokee. I, l and 1 are one, and O and 0.
  c_shapes constant text :=
        'IiıɩƖǀɪ|1ɭ0ɑᴀʙᴄᴅᴇꜰɢɡʜᴊȷᴋʟᴍɴᴏᴘʀꜱᴛᴜʋᴠᴡʏᴢ'
        'ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβγεηικνορστυχω'
        'АВЕЅІЈКМНОРСТУХҮԌԚԜҺӀЬѴавгеѕіјкмнопрстухүԁԍԛԝһӏьѵѡ'
        'ՍՏՕԼահոսրցօռզյ'
        'ⲂⲌⲎⲒⲔⲘⲚⲞⲢⲤⲦⲨⲬⲟⲣⲥ'
        'ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ'
        'ᎠᎡᎢᎥᎩᎪᎫᎬᎳᎷᎻᎽᏀᏃᏏᏒᏔᏕᏙᏚᏞᏟᏢᏦᏧᏳᏴꭰꭱꭲꭵꭹꭺꭻꭼꮃꮇꮋꮍꮐꮓꮟꮢꮤꮥꮩꮪꮮꮯꮲꮶꮷᏻᏼ';
  c_latin constant text :=
        'lllllllllloaabcdefgghjjklmnoprstuvvwyz'
        'abezhlkmnoptyxabyenlkvopotuxw'
        'abesljkmhopctyxygqwhlbvabresljkmhonpctyxydgqwhlbvw'
        'usolwhnungonqj'
        'bzhlkmnopctyxopc'
        'bpddtgkjczfmnlsrvhwxyaelou'
        'drtlyajewmhygzbrwsvslcpkdgbdrtlyajewmhygzbrwsvslcpkdgb';
  c_marks constant text := '[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+';
  v_key text := pg_catalog.regexp_replace(normalize(p_name, nfkd), heddle.hidden_signs(), '', 'g');
begin
  -- Before the case goes: a small nu looks like a v, a large one like an N.
  v_key := lower(translate(v_key, c_shapes, c_latin));
  v_key := pg_catalog.regexp_replace(v_key, '([a-z])' || c_marks, '\1', 'g');
  v_key := pg_catalog.regexp_replace(v_key, '[\u2010-\u2015\u2212]', '-', 'g');
  v_key := pg_catalog.regexp_replace(v_key, '[\u00b4\u02bb-\u02bd\u2018\u2019\u201b]', '''', 'g');
  v_key := replace(replace(v_key, 'rn', 'm'), 'vv', 'w');
  return trim(pg_catalog.regexp_replace(v_key, '[\u0001-\u0020\u007f-\u00a0\u1680\u2028\u2029]+', ' ', 'g'));
end $$;

comment on function heddle.name_key is
  'Equal for names that differ in case, in accents of Latin letters, in signs that do not show, in which blanks, dashes and
apostrophes they have, or in letters that look the same.';

create function heddle.hidden_signs() returns text
language sql immutable set search_path = '' as $$
  -- Default-ignorable code points, those of format, blanks that are letters, and what only some fonts know (UAX 44).
  select '[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f'
    '\u202a-\u202e\u2060-\u206f\u2800\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffd\U000110bd\U000110cd'
    '\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]+'
$$;

comment on function heddle.hidden_signs is 'A regular expression for signs in which nobody sees anything, or everybody something else.';

create function heddle.is_of_one_script(p_name text) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  -- Chinese, Japanese and Korean are in none: people write them beside any.
  c_scripts constant text[] := array[
    '[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1d00-\u1d25\u1d2c-\u1d65\u1d6b-\u1d77\u1d79-\u1dbf\u1e00-\u1eff\u2c60-\u2c7f\ua722-\ua7ff\uab30-\uab64]',
    '[\u0370-\u03ff\u1d26-\u1d2a\u1f00-\u1fff]',
    '[\u0400-\u0482\u048a-\u052f\u1c80-\u1c8f\u1d2b\u1d78\u2de0-\u2dff\ua640-\ua69f]',
    '[\u0530-\u10ff\u1200-\u1aaf\u1b00-\u1c7f\u1c90-\u1cff\u2c00-\u2c5f\u2c80-\u2ddf\ua4d0-\ua63f\ua6a0-\ua6ff\ua800-\ua95f\ua980-\uab2f\uab66-\uabff\U00010000-\U0001bc9f]'
  ];
begin
  return not exists (
    select from pg_catalog.regexp_split_to_table(normalize(p_name, nfkc), '[\s&+/,.()_-]+') as word
    where (select count(*) from unnest(c_scripts) as script where word ~ script) > 1
  );
end $$;

comment on function heddle.is_of_one_script is
  'Whether no word has letters of two scripts: Latin, Greek, Cyrillic, or one of those that are neither these nor East Asian.';

create function heddle.demand_readable(p_name text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  -- Emoji have a sign for their colours, and joiners stand in them, in Persian and in the scripts of India.
  perform heddle.demand(
    pg_catalog.regexp_replace(
      pg_catalog.regexp_replace(p_name, '\ufe0f', '', 'g'),
      '([\u0530-\u10ff\u1200-\u1aaf\u1b00-\u1c7f\u1c90-\u1cff\u2c00-\u2c5f\u2c80-\u2ddf\ua4d0-\ua63f\ua6a0-\ua6ff\ua800-\ua95f\ua980-\uab2f\uab66-\uabff\U00010000-\U0001bc9f\u2600-\u27bf\U0001f000-\U0001faff])[\u200c\u200d]', '\1', 'g'
    ) !~ heddle.hidden_signs(),
    'A name must hold nothing that does not show.'
  );
  perform heddle.demand(heddle.is_of_one_script(p_name), 'The letters of a word in a name must be of one script.');
end $$;

comment on function heddle.demand_readable is 'Raises PT400 unless everybody reads the same in a name.';

revoke execute on function
  heddle.name_key, heddle.hidden_signs, heddle.is_of_one_script, heddle.demand_readable
from public;
