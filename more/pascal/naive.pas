{ The textbook's i, j, k loops over dynamic arrays. }
program naive;

{$mode objfpc}

uses driver;

procedure Multiply(const a, b: TMatrix; var c: TMatrix; n, rows: SizeInt);
var
  i, j, k: SizeInt;
  total: Double;
begin
  for i := 0 to rows - 1 do
    for j := 0 to n - 1 do
    begin
      total := 0;
      for k := 0 to n - 1 do
        total := total + a[i * n + k] * b[k * n + j];
      c[i * n + j] := total;
    end;
end;

begin
  Run(@Multiply);
end.
