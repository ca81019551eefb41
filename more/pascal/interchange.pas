{ i, k, j loops: the inner one runs along rows of B and C. Free Pascal does not vectorise it. }
program interchange;

{$mode objfpc}

uses driver;

procedure Multiply(const a, b: TMatrix; var c: TMatrix; n, rows: SizeInt);
var
  i, j, k: SizeInt;
  aik: Double;
  bk, ci: PDouble;
begin
  for i := 0 to rows - 1 do
  begin
    ci := @c[i * n];
    FillChar(ci^, 8 * n, 0);
    for k := 0 to n - 1 do
    begin
      aik := a[i * n + k];
      bk := @b[k * n];
      for j := 0 to n - 1 do
        ci[j] := ci[j] + aik * bk[j];
    end;
  end;
end;

begin
  Run(@Multiply);
end.
