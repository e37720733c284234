# Runs the print agent from the start of the machine, as LOCAL SERVICE, and again when it has ended. As administrator.
param([string]$Program = "C:\Dumbwaiter\Scripts\dumbwaiter-agent.exe", [string]$Data = "$env:ProgramData\Dumbwaiter")
$ErrorActionPreference = "Stop"

New-Item -ItemType Directory -Force $Data | Out-Null
# The key is in there: for the service and administrators alone (names of groups differ by language, their ids do not).
icacls $Data /inheritance:r /grant "*S-1-5-19:(OI)(CI)M" "*S-1-5-32-544:(OI)(CI)F" "*S-1-5-18:(OI)(CI)F" | Out-Null

$action = New-ScheduledTaskAction -Execute $Program -Argument "run" -WorkingDirectory $Data
$start = New-ScheduledTaskTrigger -AtStartup
$again = New-ScheduledTaskTrigger -Once -At (Get-Date) -RepetitionInterval (New-TimeSpan -Minutes 1)
$settings = New-ScheduledTaskSettingsSet -MultipleInstances IgnoreNew -ExecutionTimeLimit ([TimeSpan]::Zero) `
    -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -StartWhenAvailable
$who = New-ScheduledTaskPrincipal -UserId "S-1-5-19" -LogonType ServiceAccount
Register-ScheduledTask -TaskName "Dumbwaiter print agent" -Action $action -Trigger $start, $again `
    -Settings $settings -Principal $who -Force | Out-Null
Start-ScheduledTask -TaskName "Dumbwaiter print agent"
